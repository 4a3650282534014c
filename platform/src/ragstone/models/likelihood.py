"""How probable a small language model finds a text: in this process, where no served model tells.

A llama.cpp server gives no log-probabilities of a prompt; vLLM does. The weights come from the same GGUF file, read
by transformers and kept in bfloat16 (about 1 GB for half a billion parameters).
"""

import threading
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragstone.errors import UsageError
from ragstone.imports import require
from ragstone.models.store import ModelStore

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Trace:
    """What the model saw of each token of a text. All arrays have one row a token.

    ``offsets``: characters [start, end) of the text. ``logprobs``: natural log-probability given all before it.
    ``entropies``: of the distribution it was drawn from, in nats. ``ranks``: how many tokens were more probable.
    ``states``: the hidden state of one layer after reading the token, shape (tokens, width).
    """

    offsets: tuple[tuple[int, int], ...]
    logprobs: Floats
    entropies: Floats
    ranks: Floats
    states: Floats


class LikelihoodModel:
    """A causal language model read with transformers. Safe to share between threads: one text at a time."""

    def __init__(self, tokenizer: Any, model: Any) -> None:
        self._tokenizer = tokenizer
        self._model = model
        self._torch = require("torch", "models")
        self._lock = threading.Lock()

    @classmethod
    def load(cls, name: str, store: ModelStore) -> "LikelihoodModel":
        """Load a chat model of the catalog whose format is GGUF. Takes about 20 s.

        Raises:
            UsageError: the catalog has no such model, or its format is another.
            ModelNotPulledError: its file is not in the store.
        """
        entry = store.catalog.get(name, "chat")
        if entry.format != "gguf":
            raise UsageError(f"Model '{name}' is no GGUF file. Set models.likelihood to one of: ragstone models list.")
        return cls.read(store.path(name))

    @classmethod
    def read(cls, path: Path) -> "LikelihoodModel":
        """Load a GGUF file."""
        transformers, torch = require("transformers", "models"), require("torch", "models")
        require("gguf", "models")
        transformers.utils.logging.disable_progress_bar()
        place = {"pretrained_model_name_or_path": path.parent, "gguf_file": path.name, "local_files_only": True}
        tokenizer = transformers.AutoTokenizer.from_pretrained(**place)
        dense = transformers.GgufConfig(dequantize=True)
        with redirect_stderr(StringIO()):  # bars that no setting of transformers silences
            model = transformers.AutoModelForCausalLM.from_pretrained(
                **place, dtype=torch.bfloat16, quantization_config=dense
            )
        return cls(tokenizer, model.eval())

    def token_logprobs(self, prefix: str, text: str) -> tuple[list[tuple[int, int]], list[float]]:
        """Characters of ``text`` that each token covers, and its natural log-probability after ``prefix``.

        Without a prefix the first token has no probability and is left out.
        """
        trace = self.traces(prefix, [text])[0]
        return list(trace.offsets), trace.logprobs.tolist()

    def traces(self, prefix: str, texts: Sequence[str], layer: int = -1, limit: int = 0) -> list[Trace]:
        """A `Trace` of each text after ``prefix``, which is read once for all of them.

        ``layer``: whose hidden states to keep. ``limit``: tokens of the prefix's start to keep (0: all); a longer
        prefix loses what stands between there and its last 64 tokens.
        """
        with self._lock, self._torch.inference_mode():
            before = self._shortened(self._tokenizer(prefix, add_special_tokens=False).input_ids, limit)
            cache = None
            if len(before) > 1:
                read = self._model(self._tensor(before[:-1]), use_cache=True, logits_to_keep=1)
                cache = read.past_key_values
            return [self._trace(before[-1:], text, cache, layer) for text in texts]

    @staticmethod
    def _shortened(tokens: list[int], limit: int) -> list[int]:
        return tokens if not limit or len(tokens) <= limit + 64 else [*tokens[:limit], *tokens[-64:]]

    def _tensor(self, tokens: Sequence[int]) -> Any:
        return self._torch.tensor([list(tokens)])

    def _trace(self, last: list[int], text: str, cache: Any, layer: int) -> Trace:
        """Read ``text`` after the cached prefix, whose last token is read again to predict the first of the text."""
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        tokens, offsets = encoded.input_ids, encoded.offset_mapping
        if not last:
            tokens, offsets, last = tokens[1:], offsets[1:], tokens[:1]
        if not tokens:
            none = np.zeros(0, np.float32)
            return Trace((), none, none, none, np.zeros((0, self._model.config.hidden_size), np.float32))
        fed = [*last, *tokens]
        read = self._model(
            self._tensor(fed), past_key_values=cache, use_cache=cache is not None, output_hidden_states=True
        )
        if cache is not None:
            cache.crop(-len(fed))
        logs = self._torch.log_softmax(read.logits[0, :-1].float(), -1)
        chosen = logs.gather(1, self._tensor(tokens).T)
        return Trace(
            offsets=tuple((int(start), int(end)) for start, end in offsets),
            logprobs=chosen[:, 0].numpy(),
            entropies=-(logs.exp() * logs).sum(-1).numpy(),
            ranks=(logs > chosen).sum(-1).float().numpy(),
            states=read.hidden_states[layer][0, 1:].float().numpy(),
        )
