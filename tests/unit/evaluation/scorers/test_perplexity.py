"""Perplexity and bits per byte, by hand, with a model whose tokens are known."""

import math
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from ragstone.errors import ServerError
from ragstone.evaluation.records import Score, Unscored
from ragstone.evaluation.scorers.perplexity import (
    Likelihood,
    LocalLikelihood,
    PerplexityScorer,
    ServedLikelihood,
    build,
    prompt,
)
from ragstone.models.likelihood import LikelihoodModel
from ragstone.models.store import ModelStore
from ragstone.settings import ModelSettings, Settings
from ragstone.types import Answer, Case, Evidence, Language, Passage, Span

ALONE, PROMPTED, BITS = NAMES = ["perplexity.alone", "perplexity.prompted", "perplexity.bits_per_byte"]
TEXTS: dict[Language, tuple[str, str]] = {"en": ("When?", "Soon, I say"), "zh": ("何时？", "很快，三天")}


class CharacterModel:
    """A token is a character, ``merged`` is one token, and the i-th token of a text (from 0) has log-probability -i.

    ``start`` puts a start token before every text, which ``token_ids`` does not tell.
    """

    def __init__(self, merged: str = "", start: bool = False) -> None:
        self.asked: list[str] = []
        self._merged = merged
        self._start = start

    async def token_ids(self, text: str) -> list[int]:
        assert text, "there is nothing to tokenize"
        tokens = text.replace(self._merged, "\0") if self._merged else text
        return [ord(character) for character in tokens]

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        self.asked.append(text)
        count = len(await self.token_ids(text)) + self._start
        return [None, *(-float(number) for number in range(1, count))]


def asked(language: Language) -> Case:
    return Case(id="c", question=TEXTS[language][0], language=language)


def said(language: Language, text: str | None = None, abstained: bool = False) -> Answer:
    passage = Passage(document_id="d", span=Span(start=0, end=3), text="Ab。", language=language)
    return Answer(
        text=TEXTS[language][1] if text is None else text,
        language=language,
        evidence=(Evidence(passage=passage),),
        abstention="no_evidence" if abstained else None,
    )


def resources(judge: Any, profile: Literal["embedded", "external"] = "external") -> Any:
    models = ModelSettings(profile=profile, likelihood="small")
    return SimpleNamespace(judge=judge, settings=Settings(models=models))


async def verdicts(case: Case, answer: Answer, model: Any) -> dict[str, Score | Unscored]:
    async def judge() -> Any:
        return model

    scorer = build(resources(judge))
    found = dict(await scorer.score(case, answer))
    assert list(found) == NAMES == [metric.name for metric in scorer.metrics]
    return found


def value(verdict: Score | Unscored) -> float:
    assert isinstance(verdict, Score)
    return verdict.value


def mean(first: int, last: int) -> float:
    """Of the numbers first ... last."""
    return (first + last) / 2


@pytest.mark.parametrize("language", TEXTS)
class TestPerplexity:
    async def test_by_hand(self, language: Language) -> None:
        case, answer, model = asked(language), said(language), CharacterModel()
        before, own = len(prompt(case, answer)), len(answer.text)
        found = await verdicts(case, answer, model)
        assert value(found[ALONE]) == pytest.approx(math.exp(mean(1, own - 1))), "the first token has no probability"
        assert value(found[PROMPTED]) == pytest.approx(math.exp(mean(before, before + own - 1)))
        nats = own * mean(before, before + own - 1)
        assert value(found[BITS]) == pytest.approx(nats / math.log(2) / len(answer.text.encode()))
        assert [found[name].detail["tokens"] for name in NAMES] == [own - 1, own, own]  # type: ignore[union-attr]
        assert model.asked == [answer.text, prompt(case, answer) + answer.text]

    async def test_a_start_token_gives_the_first_token_a_probability(self, language: Language) -> None:
        case, answer = asked(language), said(language)
        found = await verdicts(case, answer, CharacterModel(start=True))
        before, own = len(prompt(case, answer)) + 1, len(answer.text)
        assert value(found[ALONE]) == pytest.approx(math.exp(mean(1, own)))
        assert value(found[PROMPTED]) == pytest.approx(math.exp(mean(before, before + own - 1)))

    async def test_a_token_over_the_border_is_the_texts(self, language: Language) -> None:
        prefix, text = TEXTS[language]
        merged = prefix[-1] + text[0]
        found = await ServedLikelihood(CharacterModel(merged)).logprobs(prefix, text)
        start = len(prefix) - 1
        assert found == [-float(number) for number in range(start, start + len(text))]

    async def test_the_text_alone_needs_no_tokens_of_nothing(self, language: Language) -> None:
        text = TEXTS[language][1]
        found = await ServedLikelihood(CharacterModel()).logprobs("", text)
        assert found == [-float(number) for number in range(1, len(text))]

    async def test_markers_are_not_the_answers_words(self, language: Language) -> None:
        model = CharacterModel()
        await verdicts(asked(language), said(language, TEXTS[language][1] + "[1]"), model)
        assert model.asked[0] == TEXTS[language][1]

    async def test_one_token_alone_has_no_mean(self, language: Language) -> None:
        found = await verdicts(asked(language), said(language, TEXTS[language][1][0]), CharacterModel())
        assert isinstance(found[ALONE], Unscored)
        assert found[ALONE].status == "not_applicable"
        assert isinstance(found[PROMPTED], Score)

    async def test_an_abstention_has_no_words_of_its_own(self, language: Language) -> None:
        for answer in (said(language, abstained=True), said(language, "[1]")):
            found = await verdicts(asked(language), answer, None)
            statuses = {verdict.status for verdict in found.values() if isinstance(verdict, Unscored)}
            assert statuses == {"not_applicable"}
            assert len(found) == 3


def test_the_prompt_is_the_passages_and_the_question() -> None:
    assert prompt(asked("zh"), said("zh")) == "Ab。\n\n何时？\n"


class Refuses:
    """A server without log-probabilities."""

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        raise ServerError("A llama.cpp server gives no log-probabilities of a prompt. Serve the model with vLLM.")


async def test_a_server_without_log_probabilities_is_a_failure() -> None:
    with pytest.raises(ServerError, match="vLLM"):
        await verdicts(asked("en"), said("en"), Refuses())


class LocalCharacters:
    """A model in this process; every character has probability 1/2, the first one only after something."""

    def token_logprobs(self, prefix: str, text: str) -> tuple[list[tuple[int, int]], list[float]]:
        ranges = [(at, at + 1) for at in range(len(text))]
        return (ranges, [math.log(0.5)] * len(text)) if prefix else (ranges[1:], [math.log(0.5)] * (len(text) - 1))


@pytest.mark.parametrize("language", TEXTS)
async def test_a_model_in_this_process(language: Language) -> None:
    async def open_likelihood() -> Likelihood:
        return LocalLikelihood(LocalCharacters())

    answer = said(language)
    found = await PerplexityScorer(open_likelihood).score(asked(language), answer)
    assert [value(found[name]) for name in NAMES] == pytest.approx(
        [2.0, 2.0, len(answer.text) / len(answer.text.encode())]
    )


async def test_with_the_embedded_profile_a_small_model_in_this_process_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(name: str, store: ModelStore) -> LocalCharacters:
        loaded.append(name)
        assert store.root == Settings().paths.models
        return LocalCharacters()

    monkeypatch.setattr(LikelihoodModel, "load", load)
    scorer = build(resources(None, "embedded"))
    assert loaded == [], "nothing is loaded before the first answer"
    for language in TEXTS:
        found = await scorer.score(asked(language), said(language))
        assert value(found[ALONE]) == pytest.approx(2)
        assert value(found[PROMPTED]) == pytest.approx(2)
    assert loaded == ["small"]


async def test_the_model_is_opened_once() -> None:
    opened: list[int] = []

    async def judge() -> Any:
        opened.append(1)
        return CharacterModel()

    scorer = build(resources(judge))
    for language in TEXTS:
        await scorer.score(asked(language), said(language))
    assert opened == [1]
