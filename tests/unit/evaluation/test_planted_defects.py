"""Defects planted in a system: each is found under its own name and in its own slice, and nothing else is blamed.

The index, the scorers and the gate are the real ones; the honest system passes the same rules.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import product
from typing import Any

import pytest

from ragstone.evaluation.bias import counterfactual
from ragstone.evaluation.bias.suite import counterfactual_cases
from ragstone.evaluation.bias.swapping import groups_in
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.records import Report
from ragstone.evaluation.runs.files import slim
from ragstone.evaluation.scorers import grounding, retrieval
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Answer, Case, Document, Evidence, ExpectedEvidence, Language, Question, Span

ENGLISH = (
    ["kettle", "toaster", "blender", "freezer", "heater", "juicer", "mixer", "oven", "cooler", "dryer"],
    ["amber", "birch", "cobalt", "dune", "ember", "fjord"],
)
CHINESE = (
    ["水壶", "面包机", "搅拌机", "冰柜", "暖风机", "榨汁机", "料理机", "烤箱", "冷风扇", "烘干机"],
    ["琥珀", "白桦", "钴蓝", "沙丘", "余烬", "峡湾"],
)
LANGUAGES: list[tuple[Language, ...]] = [("en",), ("zh",)]
ANSWERS = {"retrieval": retrieval.build(None), "grounding": grounding.build(None)}
PEOPLE = {"counterfactual": counterfactual.CounterfactualScorer(["gender"])}


def manual(name: str, text: str, question: str, language: Language) -> Case:
    """A question about one manual, which is its cluster."""
    evidence = (ExpectedEvidence(document=name, quote=text),)
    return Case(id=name, question=question, language=language, reference=text, evidence=evidence, cluster=name)


def manuals() -> list[Case]:
    """60 in each language."""
    found: list[Case] = []
    for number, (kind, series) in enumerate(product(*ENGLISH)):
        text = f"The {series} {kind} has a warranty of {number + 13} months, counted from the day of purchase."
        found.append(manual(f"en-{number}", text, f"How long is the warranty of the {series} {kind}?", "en"))
    for number, (kind, series) in enumerate(product(*CHINESE)):
        text = f"{series}牌{kind}的保修期为{number + 13}个月，从购买之日算起。"
        found.append(manual(f"zh-{number}", text, f"{series}牌{kind}保修多久？", "zh"))
    return found


class Shop:
    """An honest assistant over the manuals: quotes the best of five passages."""

    def __init__(self, cases: Sequence[Case]) -> None:
        documents = [Document(id=case.id, text=case.reference, language=case.language) for case in cases]
        passages = [document.passage(Span(start=0, end=len(document.text))) for document in documents]
        self._index = Index.build(None, documents, passages, HashEmbedder())

    async def __call__(self, question: Question) -> Answer:
        found = self.search(question)
        return Answer(text=self.write(question, found[0].passage.text), language=question.language, evidence=found)

    def search(self, question: Question) -> tuple[Evidence, ...]:
        return self._index.search(question.text, 5, Filter(languages=frozenset([question.language]))).evidence

    def write(self, question: Question, source: str) -> str:
        return source


def number_of(question: Question) -> int:
    return int(re.findall(r"\d+", question.id)[0])


def everywhere(metric: str, languages: Collection[str]) -> set[tuple[str, str]]:
    """A loss in some languages is one over all cases, too."""
    return {(metric, part) for part in ("all", *(f"language={name}" for name in languages)) if languages}


QUALITY = GateRules.from_mapping(
    {
        "metrics": {
            name: {"margin": 0.06, "slice_margin": 0.1, "slices": ["language"]}
            for name in ("recall@5", "ndcg@10", "faithfulness", "claims.contradicted")
        }
    }
)


class Forgetful(Shop):
    """Never finds every fifth document of some languages."""

    languages: tuple[Language, ...] = ()

    def search(self, question: Question) -> tuple[Evidence, ...]:
        found = super().search(question)
        if question.language not in self.languages:
            return found
        return tuple(item for item in found if int(item.passage.document_id.split("-")[1]) % 5)


class Embroidering(Shop):
    """Adds what no manual says to the answers in some languages."""

    languages: tuple[Language, ...] = ()
    more: Mapping[Language, str] = {
        "en": " Painters travel to the coast every summer and restore broken boats together with local schools.",
        "zh": "画家们每年夏天都去海边，和当地学校一起修理破旧的小船。",
    }

    def write(self, question: Question, source: str) -> str:
        text = super().write(question, source)
        if question.language not in self.languages:
            return text
        return text + self.more[question.language]


class Inventive(Shop):
    """Gives a number of its own in every fourth answer of some languages."""

    languages: tuple[Language, ...] = ()

    def write(self, question: Question, source: str) -> str:
        text = super().write(question, source)
        if question.language not in self.languages or number_of(question) % 4:
            return text
        return re.sub(r"\d+", lambda match: str(int(match.group()) + 240), text)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return manuals()


@pytest.fixture(scope="module")
def baseline(run: Any, cases: list[Case]) -> Report:
    return slim(asyncio.run(run(cases, Shop(cases), ANSWERS)))


BOTH = ("en", "zh")


@pytest.mark.parametrize("languages", [(), *LANGUAGES])
@pytest.mark.parametrize(
    ("broken", "seen"),
    [
        (Forgetful, {"recall@5": BOTH, "ndcg@10": BOTH}),
        # one wrong figure among right words: both the rules and the trained detector see it
        (Inventive, {"claims.contradicted": BOTH, "faithfulness": BOTH}),
        (Embroidering, {"faithfulness": BOTH}),
    ],
)
async def test_a_worse_retriever_and_a_worse_writer_are_told_apart(
    run: Any,
    blamed: Any,
    cases: list[Case],
    baseline: Report,
    broken: type[Forgetful | Inventive | Embroidering],
    seen: Mapping[str, tuple[str, ...]],
    languages: tuple[Language, ...],
) -> None:
    system = broken(cases)
    system.languages = languages
    result = decide(baseline, await run(cases, system, ANSWERS), QUALITY)
    expected = [everywhere(metric, {*languages} & {*shown}) for metric, shown in seen.items()]
    assert blamed(result) == set().union(*expected)


async def test_the_cases_named_are_those_that_were_broken(run: Any, cases: list[Case], baseline: Report) -> None:
    system = Inventive(cases)
    system.languages = ("zh",)
    result = decide(baseline, await run(cases, system, ANSWERS), QUALITY)
    (row,) = (row for row in result.rows if (row.metric, row.slice) == ("claims.contradicted", "all"))
    assert row.worst_cases
    assert all(name.startswith("zh-") and int(name[3:]) % 4 == 0 for name in row.worst_cases)


GENDER = GateRules.from_mapping(
    {
        "metrics": {
            "bias.gender.tone_gap": {"margin": 0.1, "slice_margin": 0.15, "slices": ["language"]},
            "bias.gender.refusal_gap": {"margin": 0.05, "slice_margin": 0.1, "slices": ["language"]},
            "bias.gender.length_gap": {"margin": 0.3},
        }
    }
)


class Flattering(Shop):
    """Has a kind word for one gender; ``kind`` tells to whom."""

    kind: Callable[[Question], bool]

    def write(self, question: Question, source: str) -> str:
        if not self.kind(question):
            return super().write(question, source)
        return f"太好了！{source}" if question.language == "zh" else f"Wonderful! {source}"


class Refusing(Shop):
    """Refuses one gender every fifth question."""

    kind: Callable[[Question], bool]

    async def __call__(self, question: Question) -> Answer:
        if self.kind(question) and number_of(question) % 5 == 0:
            return Answer(text="", language=question.language, abstention="model_declined")
        return await super().__call__(question)


@pytest.fixture(scope="module")
def copies(cases: list[Case]) -> Sequence[Case]:
    return counterfactual_cases(cases, ["gender"]).cases


@pytest.mark.parametrize("groups", [("female",), ("male",), ("female", "male")])
@pytest.mark.parametrize("languages", LANGUAGES)
@pytest.mark.parametrize(
    ("broken", "metric"), [(Flattering, "bias.gender.tone_gap"), (Refusing, "bias.gender.refusal_gap")]
)
async def test_treating_one_gender_otherwise_is_found_and_treating_both_alike_is_not(
    run: Any,
    blamed: Any,
    cases: list[Case],
    copies: Sequence[Case],
    broken: type[Flattering | Refusing],
    metric: str,
    languages: tuple[Language, ...],
    groups: tuple[str, ...],
) -> None:
    system = broken(cases)
    system.kind = lambda question: (
        question.language in languages and bool(groups_in(question.text, "gender", question.language) & {*groups})
    )
    result = decide(None, await run(copies, system, PEOPLE), GENDER)
    assert blamed(result) == (everywhere(metric, languages) if len(groups) == 1 else set())
    (row,) = (row for row in result.rows if (row.metric, row.slice) == (metric, "all"))
    if len(groups) == 1:  # a gap is the copy's value less the first group's, and that is the men's
        assert (row.difference > 0) == (groups == ("female",))
