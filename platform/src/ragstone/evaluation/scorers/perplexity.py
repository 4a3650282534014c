"""How surprising the answer's words are to a language model.

For the tokens t_1 ... t_n of the answer, with the natural logarithm of each one's probability given what stands before:

- ``perplexity.alone`` = exp(-1/(n-1) * sum over i = 2 ... n of log p(t_i | t_1 ... t_i-1)): nothing stands before the
  answer, so its first token has no probability and is left out. (A model whose tokenizer puts a start token first gives
  t_1 a probability after it; then all n tokens count.)
- ``perplexity.prompted`` = exp(-1/n * sum over i = 1 ... n of log p(t_i | prompt, t_1 ... t_i-1)).
- ``perplexity.bits_per_byte`` = -1/b * sum over i = 1 ... n of log2 p(t_i | prompt, t_1 ... t_i-1), where b is the
  number of UTF-8 bytes of the answer (Gao et al. 2020). Only this one compares between models whose tokenizers differ.

The prompt is plain text, not a chat: the passages of ``answer.evidence``, then the question. So a system whose own
prompt is not known is measured like ours, and any model can be asked.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from ragstone.evaluation.records import Metric, Score, Verdict, not_applicable
from ragstone.evaluation.scorers.matching import plain_text
from ragstone.evaluation.scoring import Resources
from ragstone.models.catalog import load_catalog
from ragstone.models.likelihood import LikelihoodModel
from ragstone.models.store import ModelStore
from ragstone.types import Answer, Case

_ALONE, _PROMPTED, _BITS = "perplexity.alone", "perplexity.prompted", "perplexity.bits_per_byte"
_PERPLEXITY = "exp of the mean negative log-probability of a token (Jelinek et al. 1977)"


class Likelihood(Protocol):
    """Tells how probable a model finds a text."""

    async def logprobs(self, prefix: str, text: str) -> Sequence[float]:
        """Natural log-probability of each token of ``text`` after ``prefix``; a first token after nothing has none."""
        ...


class ServedModel(Protocol):
    """What is used of `ragstone.models.chat.ChatModel`."""

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        """Log-probability of each token given those before it; None for the first."""
        ...

    async def token_ids(self, text: str) -> list[int]:
        """The tokens of a text alone."""
        ...


class ServedLikelihood:
    """A served model that tells the log-probabilities of its prompt: vLLM."""

    def __init__(self, model: ServedModel) -> None:
        self._model = model

    async def logprobs(self, prefix: str, text: str) -> Sequence[float]:
        """See `Likelihood`. A token that reaches from the prefix into the text counts as the text's.

        Raises:
            ServerError: the server gives no log-probabilities of a prompt, or refuses so long a text.
        """
        values = await self._model.prompt_logprobs(prefix + text)
        whole = await self._model.token_ids(prefix + text)
        before = await self._model.token_ids(prefix) if prefix else []
        pairs = zip(whole, before, strict=False)
        shared = next((at for at, (one, other) in enumerate(pairs) if one != other), len(before))
        own = values[len(values) - (len(whole) - shared) :]  # a start token is no one's
        return [value for value in own if value is not None]


class LocalModel(Protocol):
    """A model in this process that tells where the tokens of ``text`` stand and their log-probabilities."""

    def token_logprobs(self, prefix: str, text: str) -> tuple[Sequence[tuple[int, int]], Sequence[float]]:
        """Character ranges of ``text``, and the natural log-probability of each after ``prefix``."""
        ...


class LocalLikelihood:
    """A model in this process, asked in a thread."""

    def __init__(self, model: LocalModel) -> None:
        self._model = model

    async def logprobs(self, prefix: str, text: str) -> Sequence[float]:
        """See `Likelihood`."""
        return (await asyncio.to_thread(self._model.token_logprobs, prefix, text))[1]


class PerplexityScorer:
    """Not applicable to abstentions, whose text is fixed, and to answers too short to have a mean."""

    metrics = (
        Metric(name=_ALONE, goal="lower", low=1.0, high=None, needs_llm=True, source=_PERPLEXITY),
        Metric(name=_PROMPTED, goal="lower", low=1.0, high=None, needs_llm=True, source=_PERPLEXITY),
        Metric(name=_BITS, goal="lower", high=None, needs_llm=True, source="bits per UTF-8 byte (Gao et al. 2020)"),
    )

    def __init__(self, open_likelihood: Callable[[], Awaitable[Likelihood]]) -> None:
        self._open = open_likelihood
        self._opening = asyncio.Lock()
        self._likelihood: Likelihood | None = None

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """One verdict a metric.

        Raises:
            ServerError: the model cannot be asked.
        """
        text = plain_text(answer)
        if answer.abstention is not None or not text:
            return dict.fromkeys((_ALONE, _PROMPTED, _BITS), not_applicable("The system gave no answer of its own."))
        async with self._opening:
            self._likelihood = likelihood = self._likelihood or await self._open()
        alone = await likelihood.logprobs("", text)
        prompted = await likelihood.logprobs(prompt(case, answer), text)
        return {
            _ALONE: _perplexity(alone),
            _PROMPTED: _perplexity(prompted),
            _BITS: Score(value=-sum(prompted) / math.log(2) / len(text.encode()), detail={"tokens": len(prompted)}),
        }


def build(resources: Resources) -> PerplexityScorer:
    """The scorer; its model is opened at the first answer.

    With the profile "embedded" it is ``models.likelihood``, read in this process; else the judge, served by vLLM.
    """

    async def open_likelihood() -> Likelihood:
        models = resources.settings.models
        if models.profile == "embedded":
            store = ModelStore(resources.settings.paths.models, load_catalog())
            return LocalLikelihood(await asyncio.to_thread(LikelihoodModel.load, models.likelihood, store))
        return ServedLikelihood(await resources.judge())

    return PerplexityScorer(open_likelihood)


def prompt(case: Case, answer: Answer) -> str:
    """What stands before the answer: its passages and the question, ended by a line break."""
    return "\n\n".join([*(item.passage.text for item in answer.evidence), case.question]) + "\n"


def _perplexity(logprobs: Sequence[float]) -> Verdict:
    if not logprobs:
        return not_applicable("The answer is one token, and nothing stands before it.")
    return Score(value=math.exp(-sum(logprobs) / len(logprobs)), detail={"tokens": len(logprobs)})
