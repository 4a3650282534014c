"""The four outcomes, correctness by code, and the risk of the answers that are given."""

from typing import Any

import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.records import Outcome, Score, Unscored
from ragstone.evaluation.scorers.abstention import build, confidence, correctness, refused, risk_coverage
from ragstone.types import Answer, Case, Evidence, Language, Passage, Sentence, Span, Support

NAMES = ["abstention.right", "abstention.over_refusal", "abstention.hallucinated_answer", "answer.correct"]
PASSAGE = Passage(document_id="d", span=Span(start=0, end=1), text="x", language="en")


def answer(text: str, abstained: bool = False, **more: Any) -> Answer:
    evidence = (Evidence(passage=PASSAGE),) * 3
    reason = "model_declined" if abstained else None
    return Answer(text=text, language="en", abstention=reason, evidence=evidence, **more)


def case(language: Language, reference: str = "", answerable: bool = True, name: str = "c") -> Case:
    return Case(id=name, question="?", language=language, reference=reference, answerable=answerable)


TABLE = [
    # language, reference, answerable, answer, abstained -> outcome, right, over-refusal, hallucinated, correct
    ("en", "Within 30 days.", True, "You have 30 days [1].", False, "answered", 1, 0, None, 1),
    ("en", "Within 30 days.", True, "You have 60 days [1].", False, "answered_wrongly", 1, 0, None, 0),
    ("en", "Within 30 days.", True, "I cannot say.", True, "refused_wrongly", 0, 1, None, 0),
    ("en", "", True, "You have 30 days.", False, "answered", 1, 0, None, None),
    ("en", "", False, "I cannot say.", True, "refused_rightly", 1, None, 0, None),
    ("en", "", False, "", False, "refused_rightly", 1, None, 0, None),
    ("en", "", False, "You have 30 days.", False, "answered_wrongly", 0, None, 1, None),
    ("zh", "30天内可以退货。", True, "三十天内可以退货[1]。", False, "answered", 1, 0, None, 1),
    ("zh", "30天内可以退货。", True, "60天内可以退货[1]。", False, "answered_wrongly", 1, 0, None, 0),
    ("zh", "30天内可以退货。", True, "无法回答。", True, "refused_wrongly", 0, 1, None, 0),
    ("zh", "", True, "三十天。", False, "answered", 1, 0, None, None),
    ("zh", "", False, "无法回答。", True, "refused_rightly", 1, None, 0, None),
    ("zh", "", False, " ", False, "refused_rightly", 1, None, 0, None),
    ("zh", "", False, "三十天。", False, "answered_wrongly", 0, None, 1, None),
]


@pytest.mark.parametrize("row", TABLE)
async def test_outcomes(row: tuple[Any, ...]) -> None:
    language, reference, answerable, text, abstained, outcome, *expected = row
    scorer = build(None)  # type: ignore[arg-type]
    verdicts = await scorer.score(case(language, reference, answerable), answer(text, abstained))
    assert list(verdicts) == NAMES == [metric.name for metric in scorer.metrics]
    assert [getattr(verdict, "value", None) for verdict in verdicts.values()] == expected
    assert all(verdict.status == "not_applicable" for verdict in verdicts.values() if isinstance(verdict, Unscored))
    assert isinstance(verdicts["abstention.right"], Score)
    assert verdicts["abstention.right"].detail == {"outcome": outcome}


def test_goals() -> None:
    goals = {metric.name: metric.goal for metric in build(None).metrics}  # type: ignore[arg-type]
    assert [goals[name] for name in NAMES] == ["higher", "lower", "lower", "higher"]


@pytest.mark.parametrize(
    ("language", "reference", "text", "correct"),
    [
        ("en", "40 mg each night", "Take 40 milligrams at night.", True),
        ("en", "40 mg each night", "Take 40 g at night.", False),
        ("en", "40 mg each night", "Take 40 at night.", True),
        ("en", "3 or 6 instalments", "3 instalments", False),
        ("en", "1 day", "Two days [1].", False),
        ("en", "No, a warranty repair is free of charge.", "A warranty repair is free.", True),
        ("en", "No, a warranty repair is free of charge.", "Please ask the shop.", False),
        ("zh", "每晚40 mg", "每晚服40毫克", True),
        ("zh", "每晚40 mg", "每晚服40克", False),
        ("zh", "3期或6期", "最多6期", False),
        ("zh", "1天", "两天[1]。", False),
        ("zh", "霍桑效应。", "这叫霍桑效应。", True),
        ("zh", "霍桑效应。", "这叫安慰剂。", False),
    ],
)
def test_correctness(language: Language, reference: str, text: str, correct: bool) -> None:
    found = correctness(case(language, reference), answer(text))
    assert found is not None
    assert found.correct is correct


async def test_says_what_is_missing() -> None:
    scorer = build(None)  # type: ignore[arg-type]
    numeric = (await scorer.score(case("en", "3 or 6 days"), answer("3 days")))["answer.correct"]
    worded = (await scorer.score(case("zh", "霍桑效应"), answer("霍桑")))["answer.correct"]
    assert isinstance(numeric, Score)
    assert isinstance(worded, Score)
    assert numeric.detail == {"missing": ("6 day",), "token_recall": None}
    assert worded.value == 1.0, "half is enough"
    assert worded.detail == {"missing": (), "token_recall": 0.5}


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_answer_refuses(text: str) -> None:
    assert refused(answer(text))
    assert not refused(answer("30天"))


def sentence(score: float | None) -> Sentence:
    return Sentence(span=Span(start=0, end=1), support=Support(verdict="supported", score=score))


def test_confidence() -> None:
    sentences = (sentence(0.5), sentence(1.0), sentence(None))
    assert confidence(answer("x", sentences=sentences)) == pytest.approx(0.75)
    assert confidence(answer("x", sentences=sentences, values={"confidence": 0.2})) == pytest.approx(0.2)
    assert confidence(answer("x", sentences=(sentence(None),), values={"confidence": "high"})) is None


def outcome(name: str, language: Language, text: str, sure: float | None, answerable: bool = True) -> Outcome:
    values = {} if sure is None else {"confidence": sure}
    return Outcome(case=case(language, "30 days", answerable, name), answer=answer(text, values=values))


def test_risk_coverage() -> None:
    refusal = answer("无法回答。", abstained=True, values={"confidence": 1})
    outcomes = [
        outcome("a", "en", "30 days", 0.9),
        outcome("b", "zh", "30天", 0.8),
        outcome("c", "en", "60 days", 0.7),
        outcome("d", "zh", "30天", 0.6, answerable=False),
        outcome("e", "en", "30 days", None),
        Outcome(case=case("zh", "30天", name="f"), answer=refusal),
        Outcome(case=case("zh", "30天", name="g"), error="ServerError"),
    ]
    curve, left_out = risk_coverage(outcomes)
    assert curve.risk == pytest.approx([0, 0, 1 / 3, 2 / 4])
    assert curve.coverage == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert left_out == 3


def test_risk_coverage_needs_a_confidence() -> None:
    with pytest.raises(UsageError):
        risk_coverage([outcome("a", "zh", "30天", None)])
