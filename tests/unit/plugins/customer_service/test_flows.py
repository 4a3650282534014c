"""The shipped flows: their quotes, numbers and words in both languages."""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest

from ragstone.corpus.reading import read_corpus
from ragstone.sdk import Document
from ragstone.sdk.flows import Flow, Knowledge, load_flows
from ragstone.sdk.flows.answers import read_answer
from ragstone.sdk.flows.conditions import plain
from ragstone.sdk.flows.model import ChoiceQuestion, Decide, End, Instruction
from ragstone.sdk.flows.numerals import numerals

FOLDER = Path(str(files("ragstone_customer_service"))) / "flows"
CORPUS = "customer_service/hearthline"
FLOWS = load_flows(FOLDER)
LANGUAGES = ("en", "zh")
SUMS = {30: (24, 6), 48: (24, 24), 60: (36, 24)}
"""Limits of the warranty, in months, that are two times of the documents together."""

every_flow = pytest.mark.parametrize("flow", list(FLOWS.values()), ids=list(FLOWS))
both_languages = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def documents() -> Mapping[str, Document]:
    corpus = read_corpus(Path(__file__).parents[4] / "corpora" / CORPUS)
    return {document.id: document for document in corpus.documents}


def links(flow: Flow, name: str, language: str) -> list[Knowledge]:
    step = flow.steps[name]
    return [] if isinstance(step, Decide) else [link for link in step.knowledge if link.language == language]


def shown(flow: Flow, name: str, language: str) -> str:
    """All that people read of a step."""
    step = flow.steps[name]
    if isinstance(step, Decide):
        return ""
    labels = [option.label for option in step.answers.values()] if isinstance(step, ChoiceQuestion) else []
    return " / ".join(text.of("zh" if language == "zh" else "en") for text in (step.text, *labels))


def numbers(text: str) -> set[float]:
    """The numbers of a text from 2 on, without their signs; the digits of product names (R2, WPA3) are none."""
    text = re.sub(r"[A-Za-z]\d+", " ", text)
    return {abs(found.value) for found in numerals(plain(text)) if found.value is not None} - {0, 0.5, 1}


def limits(flow: Flow) -> Iterator[float]:
    for step in flow.steps.values():
        for case in step.cases if isinstance(step, Decide) else ():
            for test in case.when.tests():
                yield from (abs(edge) for edge in (test.at_least, test.at_most) if edge is not None)


def test_ten_flows_are_shipped_in_files_of_their_names() -> None:
    assert len(FLOWS) == 10
    assert sorted(FLOWS) == sorted(path.stem for path in FOLDER.glob("*"))


@every_flow
@both_languages
def test_what_is_advised_is_proved(flow: Flow, language: str) -> None:
    advice = [name for name, step in flow.steps.items() if isinstance(step, Instruction | End)]
    assert [name for name in advice if not links(flow, name, language)] == []


@every_flow
def test_each_quote_stands_in_one_place_of_the_corpus(flow: Flow, documents: Mapping[str, Document]) -> None:
    steps = [step for step in flow.steps.values() if not isinstance(step, Decide)]
    for link in [link for step in steps for link in step.knowledge]:
        assert link.corpus == CORPUS
        assert link.document.split("/")[0] == link.language == documents[link.document].language
        places = [(name, document.text.count(link.quote)) for name, document in documents.items()]
        assert [place for place in places if place[1]] == [(link.document, 1)]
        assert not documents[link.document].groups  # a page for staff is no proof for customers


@every_flow
@both_languages
def test_each_number_stands_in_a_quote_of_its_step(flow: Flow, language: str) -> None:
    for name in flow.steps:
        quoted = numbers(" / ".join(link.quote for link in links(flow, name, language)))
        assert numbers(shown(flow, name, language)) - quoted == set(), name


@every_flow
@both_languages
def test_each_limit_of_a_decision_is_quoted(flow: Flow, language: str) -> None:
    quoted = numbers(" / ".join(link.quote for name in flow.steps for link in links(flow, name, language)))
    for limit in limits(flow):
        if limit in quoted:
            continue
        times = SUMS.get(int(limit), (limit,)) if flow.id == "warranty" else (limit,)
        assert sum(times) == limit
        assert all(time in quoted or time / 12 in quoted | {1} for time in times), limit


@every_flow
def test_both_languages_are_written(flow: Flow) -> None:
    for name in [name for name, step in flow.steps.items() if not isinstance(step, Decide)]:
        assert not re.search(r"[\u4e00-\u9fff]", shown(flow, name, "en")), name
        assert re.search(r"[\u4e00-\u9fff]", shown(flow, name, "zh")), name


@every_flow
@both_languages
def test_customers_have_many_words_for_each_problem(flow: Flow, language: str) -> None:
    assert flow.when is not None
    phrases = flow.when.zh if language == "zh" else flow.when.en
    assert len({plain(phrase) for phrase in phrases}) == len(phrases) >= 10


def test_no_phrase_is_claimed_by_two_flows() -> None:
    for one, other in combinations(FLOWS.values(), 2):
        assert one.when is not None
        assert other.when is not None
        for phrase in map(plain, one.when.all()):
            claimed = [theirs for theirs in map(plain, other.when.all()) if phrase in theirs or theirs in phrase]
            assert claimed == [], (one.id, other.id)


@every_flow
def test_each_answer_is_understood_by_all_its_words(flow: Flow) -> None:
    for step in [step for step in flow.steps.values() if isinstance(step, ChoiceQuestion)]:
        for at, (key, option) in enumerate(step.answers.items(), 1):
            words = (
                option.label.en,
                option.label.zh,
                *(option.also.all() if option.also else ()),
                str(at),
                f"第{at}个",
                key,
            )
            assert {word: read_answer(step, word) for word in words} == dict.fromkeys(words, key)
