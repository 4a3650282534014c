"""Faithfulness without a model server: verdicts, and findings that point at exact words."""

from types import SimpleNamespace

import pytest

from ragstone.answering.grounding.detector import GroundingDetector
from ragstone.evaluation.records import Finding, Score, Unscored
from ragstone.evaluation.scorers import grounding
from ragstone.evaluation.scoring import Scorer
from ragstone.types import Answer, Case, Evidence, Language, Passage, Span

NAMES = ["faithfulness", "claims.supported", "claims.contradicted"]
SOURCES: dict[Language, tuple[str, str, str]] = {
    "en": (
        "The Hub is a smart controller for the home. It joins lamps, locks and sensors by radio. Customers may return "
        "goods within 30 days of delivery. Repairs are free for 24 months. Support answers from Monday to Friday.",
        "Customers may return goods within 30 days of delivery.",
        "Repairs are free for 96 months.",
    ),
    "zh": (
        "中枢是家用的智能控制器。它通过无线电连接灯具、门锁和传感器。顾客可以在收货后30天内退货，包装必须完整。"
        "保修期为24个月，期间免费维修。客服从周一到周五接听电话。",
        "顾客可以在收货后30天内退货，包装必须完整。",
        "保修期为96个月，期间免费维修。",
    ),
}
LANGUAGES = list(SOURCES)


def said(language: Language, text: str, passages: int = 1, abstained: bool = False) -> Answer:
    source = SOURCES[language][0]
    passage = Passage(document_id="d", span=Span(start=0, end=len(source)), text=source, language=language)
    return Answer(
        text=text,
        language=language,
        evidence=(Evidence(passage=passage),) * passages,
        abstention="no_evidence" if abstained else None,
    )


async def verdicts(answer: Answer) -> dict[str, Score | Unscored]:
    scorer = grounding.build(SimpleNamespace())  # type: ignore[arg-type]
    assert isinstance(scorer, Scorer)
    found = dict(await scorer.score(Case(id="c", question="?", language=answer.language), answer))
    assert list(found) == NAMES == [metric.name for metric in scorer.metrics]
    return found


async def scores(answer: Answer) -> tuple[float, float, float, tuple[Finding, ...]]:
    found = await verdicts(answer)
    first, *rest = (verdict for verdict in found.values() if isinstance(verdict, Score))
    return first.value, rest[0].value, rest[1].value, first.findings


@pytest.mark.parametrize("language", LANGUAGES)
class TestGrounding:
    """The same in both languages."""

    async def test_an_invented_number_costs(self, language: Language) -> None:
        _, good, bad = SOURCES[language]
        faithful, _, contradicted, findings = await scores(said(language, good))
        assert contradicted == 0
        assert not [item for item in findings if item.label.startswith("contradiction")]
        less, _, more, _ = await scores(said(language, bad))
        assert less < faithful
        assert more == 1

    async def test_findings_are_exact_slices_of_the_answer_with_markers(self, language: Language) -> None:
        _, good, bad = SOURCES[language]
        text = f" {good[:-1]}[1]{good[-1]} {bad[:-1]} [1]{bad[-1]}"
        _, supported, contradicted, findings = await scores(said(language, text))
        assert contradicted == 0.5
        pointed = {item.label: item.span.of(text) for item in findings}
        assert pointed["contradiction: number"] == "96"
        doubted = [item for item in findings if item.label == "unsupported"]
        assert len(doubted) == round(2 * (1 - supported))
        whole = (f"{good[:-1]}[1]{good[-1]}", f"{bad[:-1]} [1]{bad[-1]}")
        assert all(item.span.of(text) in whole for item in doubted)

    @pytest.mark.parametrize(("threshold", "share"), [(0.0, 0.0), (1.0, 1.0)])
    async def test_sentences_over_the_threshold_are_marked(
        self, language: Language, threshold: float, share: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        weights = grounding.load_detector(language).weights.model_copy(update={"sentence_threshold": threshold})
        monkeypatch.setattr(grounding, "load_detector", lambda _: GroundingDetector(weights))
        _, good, bad = SOURCES[language]
        text = f"{good} {bad}"
        _, supported, _, findings = await scores(said(language, text))
        marked = [item for item in findings if item.label == "unsupported"]
        assert supported == share
        assert [item.span.of(text) for item in marked] == ([good, bad] if share == 0 else [])
        assert all(0 < item.value < 1 for item in marked)

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ({"abstained": True}, "abstained"),
            ({"text": " \n"}, "no text"),
            ({"text": "[1]"}, "no sentence"),
            ({"passages": 0}, "without passages"),
        ],
    )
    async def test_not_applicable(self, language: Language, answer: dict[str, object], reason: str) -> None:
        found = await verdicts(said(language, **({"text": SOURCES[language][1]} | answer)))  # type: ignore[arg-type]
        for verdict in found.values():
            assert isinstance(verdict, Unscored)
            assert verdict.status == "not_applicable"
            assert reason in verdict.reason

    async def test_how_many_sentences_and_whether_the_answer_is_flagged(self, language: Language) -> None:
        _, good, bad = SOURCES[language]
        verdict = (await verdicts(said(language, f"{good} {bad}")))["faithfulness"]
        assert isinstance(verdict, Score)
        assert verdict.detail["sentences"] == 2
        assert isinstance(verdict.detail["flagged"], bool)
