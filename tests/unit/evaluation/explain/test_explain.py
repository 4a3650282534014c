"""What carried a sentence, with a model whose log-probabilities can be worked out by hand."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from ragstone.evaluation.explain.attribution import explain
from ragstone.evaluation.explain.likelihood import LocalLikelihood, ServedLikelihood, pieces
from ragstone.types import Answer, Citation, Document, Evidence, Question, Sentence, Span, Support

SURPRISE = 4.0


class Reader:
    """A word that the prompt holds has log-probability -1, any other -1 - SURPRISE; tokens begin with their space."""

    name = "reader"

    def __init__(self, surprise: float = SURPRISE) -> None:
        self.surprise = surprise
        self.prompts: list[str] = []

    def token_logprobs(self, prefix: str, text: str) -> tuple[list[tuple[int, int]], list[float]]:
        self.prompts.append(prefix)
        spans = pieces(text)
        starts = [0, *(end for _, end in spans)][:-1]
        known = [text[start:end].strip() in prefix for start, end in spans]
        ranges = [(start, end) for start, (_, end) in zip(starts, spans, strict=True)]
        return ranges, [-1.0 if each else -1.0 - self.surprise for each in known]


def evidence(*texts: str, language: Any = "en") -> tuple[Evidence, ...]:
    documents = [Document(id=f"d{number}", text=text, language=language) for number, text in enumerate(texts, start=1)]
    return tuple(Evidence(passage=each.passage(Span(start=0, end=len(each.text)))) for each in documents)


def answered(text: str, passages: tuple[Evidence, ...], language: Any = "en", **fields: Any) -> Answer:
    return Answer(text=text, language=language, evidence=passages, **fields)


async def explained(question: str, answer: Answer) -> Any:
    return await explain(Question(text=question), answer, LocalLikelihood(Reader(), "reader"))


ROWS = [
    ("en", "How long?", ("Kept for 21 days.", "Costs nine dollars."), "Kept 21 days. [1] Costs nine dollars. [2]",
     [["Kept 21 days"], ["Costs nine dollars"]]),
    ("zh", "多久？", ("可借21天。", "逾期付两元。"), "可借21天。[1]逾期付两元。[2]", [["可借21天"], ["逾期付两元"]]),
]  # fmt: skip


@pytest.mark.parametrize(("language", "question", "sources", "text", "words"), ROWS)
async def test_each_sentence_names_its_passage_and_its_words(
    language: str, question: str, sources: Sequence[str], text: str, words: list[list[str]]
) -> None:
    answer = answered(text, evidence(*sources, language=language), language)
    found = await explained(question, answer)
    assert [sentence.shares[0].number for sentence in found.sentences] == [1, 2]
    shown = [[word.span.of(text) for word in sentence.shares[0].words] for sentence in found.sentences]
    assert shown == words
    for sentence in found.sentences:
        first, second = sentence.shares
        assert first.drop == pytest.approx(sentence.together)
        assert first.drop == pytest.approx(sum(word.drop for word in first.words))
        assert second.drop == pytest.approx(0.0)
        assert second.words == ()


async def test_the_drop_is_in_nats() -> None:
    found = await explained("Q", answered("abalone", evidence("abalone")))
    assert found.sentences[0].together == pytest.approx(SURPRISE)
    assert found.model == "reader"


@pytest.mark.parametrize(("text", "language"), [("Ask Bruno", "en"), ("去问门房", "zh")])
async def test_passages_that_repeat_each_other_show_together(text: str, language: str) -> None:
    found = await explained("Q", answered(text, evidence(text, text, language=language), language))
    (sentence,) = found.sentences
    assert [share.drop for share in sentence.shares] == pytest.approx([0.0, 0.0])
    assert sentence.together is not None
    assert sentence.together > SURPRISE
    assert [word.span.of(text) for word in sentence.words] == [text]


async def test_markers_are_not_scored() -> None:
    reader = Reader()
    answer = answered("Porridge [1] is served. [1][2]", evidence("Porridge.", "served"))
    found = await explain(Question(text="Q"), answer, LocalLikelihood(reader, "r"))
    assert len(reader.prompts) == 4  # all, none, and one for each passage
    assert all("[1]" not in word.span.of(answer.text) for s in found.sentences for h in s.shares for word in h.words)


async def test_one_passage_costs_two_passes() -> None:
    reader = Reader()
    found = await explain(Question(text="Q"), answered("Oats", evidence("Oats")), LocalLikelihood(reader, "r"))
    assert len(reader.prompts) == 2
    assert found.sentences[0].shares[0].drop == found.sentences[0].together


@pytest.mark.parametrize(("surprise", "shown"), [(math.log(2) - 0.01, 0), (math.log(2) + 0.01, 1)])
async def test_only_words_twice_as_probable_are_shown(surprise: float, shown: int) -> None:
    answer = answered("Oats", evidence("Oats"))
    found = await explain(Question(text="Q"), answer, LocalLikelihood(Reader(surprise), "reader"))
    assert len(found.sentences[0].shares[0].words) == shown


async def test_words_apart_stay_apart() -> None:
    found = await explained("Q", answered("Oats with unknown Barley", evidence("Oats Barley")))
    assert [word.span.of(found.answer.text) for word in found.sentences[0].shares[0].words] == ["Oats", "Barley"]


async def test_without_a_model_the_quotes_remain() -> None:
    proved = Support(verdict="supported", score=1.0)
    passages = evidence("Oats.")
    quote = Citation(number=1, answer_span=Span(start=0, end=5), document_id="d1", span=Span(start=0, end=5),
                     quote="Oats.", support=proved)  # fmt: skip
    sentences = (
        Sentence(span=Span(start=0, end=5), support=proved),
        Sentence(span=Span(start=6, end=9), support=proved),
    )
    answer = answered("Oats. Rye", passages, citations=(quote,), sentences=sentences)
    found = await explain(Question(text="Q"), answer, None)
    assert [sentence.citations for sentence in found.sentences] == [(quote,), ()]
    assert found.sentences[0].together is None
    assert found.model == ""


async def test_an_abstention_has_nothing_to_explain() -> None:
    reader = Reader()
    answer = answered("Nothing found.", evidence("x"), abstention="no_evidence")
    found = await explain(Question(text="Q"), answer, LocalLikelihood(reader, "r"))
    assert found.sentences == ()
    assert reader.prompts == []


async def test_an_answer_without_evidence_is_not_scored() -> None:
    found = await explained("Q", answered("Oats. Rye.", ()))
    assert [sentence.support.verdict for sentence in found.sentences] == ["unchecked", "unchecked"]
    assert found.model == ""


class Served:
    """Tokens are pairs of characters of each word, with a start token before the prompt."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def token_ids(self, text: str) -> list[int]:
        return [0 for start, end in self._tokens(text)]

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        self.told.append(text)
        return [None, *(-float(end - start) for start, end in self._tokens(text))]

    @staticmethod
    def _tokens(text: str) -> list[tuple[int, int]]:
        return [(at, min(at + 2, end)) for start, end in pieces(text) for at in range(start, end, 2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("for 21 days.", {"for": -3, "21": -2, "days": -4, ".": -1}),
        ("借21天", {"借": -1, "21": -2, "天": -1}),
        ("", {}),
    ],
)
async def test_a_served_model_gives_words(text: str, words: dict[str, float]) -> None:
    served = Served()
    offsets, values = await ServedLikelihood(served, "m").token_logprobs("Prompt: ", text)
    assert dict(zip([text[start:end] for start, end in offsets], values, strict=True)) == words
    assert served.told == ["Prompt: " + text]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.125 mg, E-17", ["0", ".", "125", "mg", ",", "E", "-", "17"]),
        ("每天2次。", ["每", "天", "2", "次", "。"]),
        (" ", []),
    ],
)
def test_pieces(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in pieces(text)] == words
