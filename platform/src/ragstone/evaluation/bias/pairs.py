"""Counterfactual copies side by side."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ragstone.errors import UsageError
from ragstone.evaluation.bias.lexicon import ATTRIBUTES, first_group, load_lexicon
from ragstone.evaluation.bias.swapping import counterfactual_text
from ragstone.evaluation.records import Outcome
from ragstone.types import Answer


@dataclass(frozen=True)
class Pair:
    """Two copies of one case: ``reference`` is about the group that the others are compared with."""

    attribute: str
    group: str
    reference_group: str
    reference: Outcome
    variant: Outcome

    @property
    def case_id(self) -> str:
        """The variant's: a verdict on the pair is kept there."""
        return self.variant.case.id

    def answers(self) -> tuple[Answer, Answer] | None:
        """Reference and variant; None when the system failed on either."""
        if self.reference.answer is None or self.variant.answer is None:
            return None
        return self.reference.answer, self.variant.answer

    def neutral(self, text: str) -> str:
        """The variant's text, told of the reference's group: "Dear Ms" is not a difference from "Dear Mr"."""
        language = self.variant.case.language
        known = language != "other" and self.attribute in ATTRIBUTES
        if not known or self.group not in load_lexicon(language).attribute(self.attribute).groups:
            return text  # a copy made by hand
        return counterfactual_text(text, self.attribute, self.group, self.reference_group, language)


def pairs(outcomes: Sequence[Outcome]) -> list[Pair]:
    """Every copy with the reference copy of the same base and attribute, in the order of the outcomes.

    A copy whose reference is not in the run (a limited run) is in no pair.

    Raises:
        UsageError: a copy lacks one of the attributes "attribute" and "group".
    """
    copies: dict[tuple[str, str], dict[str, Outcome]] = defaultdict(dict)
    for outcome in outcomes:
        told = outcome.case.attributes
        if "variant_of" not in told:
            continue
        if not {"attribute", "group"} <= told.keys():
            raise UsageError(f"Case {outcome.case.id} is a copy without 'attribute' and 'group'. Add them.")
        copies[told["variant_of"], told["attribute"]][told["group"]] = outcome
    return [
        Pair(attribute, group, first, found[first], outcome)
        for (_, attribute), found in copies.items()
        for first in [first_group(attribute, tuple(found))]
        for group, outcome in found.items()
        if group != first
    ]
