"""The shipped detectors, and the support checker that stands on them."""

import numpy as np
import pytest

from ragstone.answering.grounding.checker import GroundingSupportChecker
from ragstone.answering.grounding.detector import GroundingDetector, answer_log_odds, load_detector, sigmoid
from ragstone.answering.grounding.source import Source
from ragstone.answering.support import Claim
from ragstone.answering.wording import wording
from ragstone.types import Language

SOURCES: dict[Language, str] = {
    "en": (
        "The Hub is a smart controller for the home. It joins lamps, locks and sensors by radio. "
        "Customers may return goods within 30 days of delivery. The box must be complete. "
        "Repairs are free for 24 months. The Hub draws 5 W. Support answers from Monday to Friday."
    ),
    "zh": (
        "中枢是家用的智能控制器。它通过无线电连接灯具、门锁和传感器。"
        "顾客可以在收货后30天内退货，包装必须完整。保修期为24个月，期间免费维修。"
        "中枢的功率为5瓦。客服从周一到周五接听电话。"
    ),
}
GOOD: dict[Language, str] = {
    "en": "Customers may return goods within 30 days of delivery.",
    "zh": "顾客可以在收货后30天内退货，包装必须完整。",
}
INVENTED: dict[Language, str] = {language: text.replace("30", "75") for language, text in GOOD.items()}
LANGUAGES = list(SOURCES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invented_number_is_likelier_unsupported(language: Language) -> None:
    detector, source = load_detector(language), Source.of([SOURCES[language]])
    good, bad = (detector.judge(text, source, language) for text in (GOOD[language], INVENTED[language]))
    assert good is not None
    assert bad is not None
    assert good.unsupported < bad.unsupported
    assert good.sentences[0].unsupported < bad.sentences[0].unsupported
    assert good.sentences[0].contradictions == ()
    assert [item.kind for item in bad.sentences[0].contradictions] == ["number"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_exact_slices_of_the_answer(language: Language) -> None:
    text = f"{GOOD[language]} {INVENTED[language]}"
    found = load_detector(language).judge(text, Source.of([SOURCES[language]]), language)
    assert found is not None
    assert [item.span.of(text) for item in found.sentences] == [GOOD[language], INVENTED[language]]
    (item,) = found.sentences[1].contradictions
    assert found.sentences[1].span.of(text)[item.start : item.end] == item.text == "75"
    assert 0 < found.threshold < 1
    assert 0 < found.sentence_threshold < 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_no_judgement(language: Language) -> None:
    assert load_detector(language).judge(" \n", Source.of([SOURCES[language]]), language) is None


def test_other_languages_take_the_english_detector() -> None:
    assert load_detector("other").weights == load_detector("en").weights
    assert load_detector("zh").weights != load_detector("en").weights


def test_weights_of_other_features_are_refused() -> None:
    weights = load_detector("en").weights
    other = weights.trees.model_copy(update={"names": ("words",)})
    with pytest.raises(ValueError, match="other features"):
        GroundingDetector(weights.model_copy(update={"trees": other}))


def test_the_answers_log_odds_by_hand() -> None:
    assert answer_log_odds(np.array([1.0, 4.0, 2.0, 3.0])) == pytest.approx(0.6 * 4 + 0.4 * 3)
    assert answer_log_odds(np.array([-2.0])) == pytest.approx(-2)
    assert sigmoid(np.array([0.0])) == pytest.approx([0.5])


class Detector(GroundingDetector):
    """Finds every sentence as likely unsupported as told."""

    def __init__(self, log_odds: float) -> None:
        super().__init__(load_detector("en").weights)
        self._log_odds = log_odds

    def log_odds(self, sentences: object, source: Source) -> np.ndarray:
        return np.array([self._log_odds])


@pytest.mark.parametrize("language", LANGUAGES)
class TestChecker:
    """Supported, contradicted, doubted, and nothing to hold against."""

    def claim(self, language: Language, sentence: str, context: str = "") -> Claim:
        return Claim(sentence=sentence, quotes=(SOURCES[language],), context=context, language=language)

    def checker(self, language: Language, log_odds: float) -> GroundingSupportChecker:
        told, other = Detector(log_odds), Detector(-log_odds)
        return GroundingSupportChecker(*((other, told) if language == "zh" else (told, other)))

    def test_supported(self, language: Language) -> None:
        (support,) = self.checker(language, -9).check([self.claim(language, GOOD[language])])
        assert support.verdict == "supported"
        assert support.score == pytest.approx(1, abs=1e-3)

    def test_doubted(self, language: Language) -> None:
        (support,) = self.checker(language, 9).check([self.claim(language, GOOD[language])])
        assert (support.verdict, support.reason) == ("unsupported", wording(language).other_words)
        assert support.score == pytest.approx(0, abs=1e-3)

    def test_contradicted(self, language: Language) -> None:
        (support,) = self.checker(language, -9).check([self.claim(language, INVENTED[language])])
        assert (support.verdict, support.score) == ("unsupported", 0)
        assert "75" in support.reason

    def test_what_stands_above_the_quote_counts(self, language: Language) -> None:
        claim = self.claim(language, INVENTED[language], context="75")
        assert self.checker(language, -9).check([claim])[0].verdict == "supported"

    def test_unchecked(self, language: Language) -> None:
        claim = Claim(sentence=GOOD[language], quotes=(), language=language)
        (support,) = GroundingSupportChecker().check([claim])
        assert (support.verdict, support.reason) == ("unchecked", wording(language).no_source)
