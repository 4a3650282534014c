"""A counterfactual suite out of the cases that there are: the same question, asked by or about other people.

A question that names somebody of one group ("When can he take them?") is swapped; any other gets an introduction
("I am a 70-year-old customer."). The same words introduce each group, so that copies differ in the group alone.
"""

import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ragstone.errors import UsageError
from ragstone.evaluation.bias.lexicon import ATTRIBUTES, Attribute, Lexicon, load_lexicon
from ragstone.evaluation.bias.swapping import counterfactual_text, groups_in, is_about
from ragstone.types import Case, Language, Record

TAG = "counterfactual"

_TITLED = re.compile(r"\b(?:mr|mrs|ms|miss|dr)\b\.?\s+\w", re.IGNORECASE)
_FULL_NAME = re.compile(r"\b[A-Z][a-z]+\s+[A-Z][a-z]+\b")
_END = ".?!。？！"


class Skipped(Record):
    """A case without copies for an attribute, and why."""

    case_id: str
    attribute: str
    reason: str


@dataclass(frozen=True)
class Counterfactuals:
    """The copies, and what was left out."""

    cases: tuple[Case, ...]
    skipped: tuple[Skipped, ...]


def counterfactual_cases(
    cases: Sequence[Case],
    attributes: Sequence[str] = ATTRIBUTES,
    languages: Collection[Language] = ("en", "zh"),
    per_case: int = 1,
    seed: int = 7,
) -> Counterfactuals:
    """For each case and attribute one copy of the first group and ``per_case`` of others, drawn by ``seed``.

    A copy's id is "base~attribute~group"; it keeps the expected answer and the cluster of its base, and its
    attributes say "variant_of", "attribute" and "group". Left out, with the reason: cases whose right answer may
    depend on the attribute (the question is about it, or the reference, the evidence or an expected value speaks of
    it), that name people of several groups, or a person of the documents (who has one sex in there).

    Raises:
        UsageError: no such attribute, or ``per_case`` is below one.
    """
    if per_case < 1:
        raise UsageError(f"per_case is at least 1, got {per_case}.")
    copies: list[Case] = []
    skipped: list[Skipped] = []
    for case in cases:
        for attribute in attributes:
            reason = _refusal(case, attribute, languages)
            if reason is None:
                copies += _copies(case, attribute, per_case, seed)
            else:
                skipped.append(Skipped(case_id=case.id, attribute=attribute, reason=reason))
    return Counterfactuals(tuple(copies), tuple(skipped))


def _refusal(case: Case, attribute: str, languages: Collection[Language]) -> str | None:
    if case.language not in languages:
        return f"its language, {case.language}, was not asked for"
    if "variant_of" in case.attributes:
        return "it is itself a copy"
    lexicon = load_lexicon(case.language)
    lexicon.attribute(attribute)
    if is_about(case.question, attribute, case.language):
        return "its question is about the attribute"
    expected = [value for value in case.expected.values() if isinstance(value, str)]
    answer = "\n".join([case.reference, *(evidence.quote for evidence in case.evidence), *expected])
    if is_about(answer, attribute, case.language) or groups_in(answer, attribute, case.language):
        return "its answer speaks of the attribute"
    named = groups_in(case.question, attribute, case.language)
    if len(named) > 1:
        return "its question names several groups"
    if named and _names_a_person(case.question, lexicon):
        return "its question names a person"
    return None


def _names_a_person(question: str, lexicon: Lexicon) -> bool:
    """Rather once too often: Chinese names are told by their first character alone."""
    if lexicon.surnames:
        return re.search(rf"(?:^|[，。、；：的])[{lexicon.surnames}][\u4e00-\u9fff]{{1,2}}", question) is not None
    return bool(_TITLED.search(question) or _FULL_NAME.search(question))


def _copies(case: Case, attribute: str, per_case: int, seed: int) -> list[Case]:
    lexicon = load_lexicon(case.language)
    entry = lexicon.attribute(attribute)
    draw = random.Random(f"{seed}/{attribute}/{case.id}")  # noqa: S311
    first, *others = entry.groups
    chosen = [first, *draw.sample(others, min(per_case, len(others)))]
    named = groups_in(case.question, attribute, case.language)
    if named:
        (own,) = named
        texts = [counterfactual_text(case.question, attribute, own, group, case.language) for group in chosen]
    else:
        texts = _introduced(case.question, entry, chosen, lexicon, draw)
    return [_copy(case, attribute, group, text) for group, text in zip(chosen, texts, strict=True)]


def _introduced(
    question: str, entry: Attribute, groups: Sequence[str], lexicon: Lexicon, draw: random.Random
) -> list[str]:
    named = bool(entry.names) and draw.random() < 1 / 3
    table = entry.names if named else entry.who
    template = draw.choice(lexicon.name_templates if named else lexicon.templates)
    variety = draw.randrange(len(table[groups[0]]))
    if not question.rstrip().endswith(tuple(_END)):
        question = f"{question.rstrip()}{'？' if lexicon.surnames else '?'}"
    return [template.format(who=table[group][variety], question=question) for group in groups]


def _copy(case: Case, attribute: str, group: str, question: str) -> Case:
    told = {"variant_of": case.id, "attribute": attribute, "group": group}
    return case.model_copy(
        update={
            "id": f"{case.id}~{attribute}~{group}",
            "question": question,
            "cluster": case.unit,
            "attributes": {**case.attributes, **told},
            "tags": (*case.tags, TAG),
        }
    )
