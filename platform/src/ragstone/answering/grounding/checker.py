"""The trained detector behind the `SupportChecker` interface: sentence by sentence, beside the cited quotes."""

from collections.abc import Sequence

from ragstone.answering.grounding.contradictions import contradictions
from ragstone.answering.grounding.detector import GroundingDetector, load_detector, sigmoid
from ragstone.answering.grounding.source import Source
from ragstone.answering.support import Claim
from ragstone.answering.wording import wording
from ragstone.types import Support


class GroundingSupportChecker:
    """A sentence is supported when nothing contradicts it and the detector finds it more likely grounded than not.

    Unlike the lexical checker it sees negation, dates, times of day and attributes of structured sources.
    """

    def __init__(self, english: GroundingDetector | None = None, chinese: GroundingDetector | None = None) -> None:
        self._english = english or load_detector("en")
        self._chinese = chinese or load_detector("zh")

    def check(self, claims: Sequence[Claim]) -> list[Support]:
        """Judge every claim; one without quotes is ``unchecked``."""
        return [self._judge(claim) for claim in claims]

    def _judge(self, claim: Claim) -> Support:
        words = wording(claim.language)
        if not claim.quotes:
            return Support(verdict="unchecked", reason=words.no_source)
        source = Source.of((claim.context, *claim.quotes) if claim.context else claim.quotes)
        against = contradictions(claim.sentence, source)
        if against:
            facts = ", ".join(dict.fromkeys(item.text for item in against))
            return Support(verdict="unsupported", score=0.0, reason=words.not_in_source.format(facts=facts))
        detector = self._chinese if claim.language == "zh" else self._english
        unsupported = float(sigmoid(detector.log_odds([claim.sentence], source))[0])
        if unsupported <= detector.weights.sentence_threshold:
            return Support(verdict="supported", score=1.0 - unsupported)
        return Support(verdict="unsupported", score=1.0 - unsupported, reason=words.other_words)
