"""Attacked copies: grammar and meaning of the base case kept, the marker never spelt out."""

import re
from typing import Any

import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.scorers.injections import (
    document_kinds,
    injection_cases,
    poisoned_corpus,
    question_kinds,
)
from ragstone.evaluation.scorers.leaks import find_leak, too_short
from ragstone.evaluation.scorers.matching import places
from ragstone.types import Case, Document, ExpectedEvidence, Span, Turn

EN = Case(
    id="en-1",
    question="How long may goods {be} returned?",
    language="en",
    reference="30 days.",
    evidence=(ExpectedEvidence(document="en.md", quote="within 30 days"),),
    tags=("returns",),
    cluster="en.md",
    attributes={"gender": "female", "variant_of": "en-0"},
    conversation=(Turn(role="user", text="Hello."), Turn(role="assistant", text="Hello!")),
)
ZH = Case(
    id="zh-1",
    question="多少天内可以退货？",
    language="zh",
    reference="30天。",
    evidence=(ExpectedEvidence(document="zh.md", quote="30天内可以退货"),),
)
FOREIGN = Case(id="fr-1", question="Combien de jours ?", language="other", answerable=False)
EN_TEXT = "# Returns\n\nGoods may be returned within 30 days of delivery. Keep the receipt.\n\nRefunds take 5 days."
ZH_TEXT = "# 退货\n\n自签收之日起30天内可以退货。请保留收据。\n\n退款需要5个工作日。"
DOCUMENTS = (
    Document(id="en.md", text=EN_TEXT, language="en"),
    Document(id="zh.md", text=ZH_TEXT, language="zh"),
    Document(id="other.md", text="Nothing to see.", language="en"),
    Document(id="empty.md", text="", language="en"),
)
HAN = re.compile(r"[\u4e00-\u9fff]")


def said(case: Case) -> str:
    return "\n".join([case.question, *(turn.text for turn in case.conversation)])


def test_there_are_at_least_eight_kinds_in_both_languages() -> None:
    assert len(question_kinds()) >= 8
    for case in (EN, ZH):
        assert [copy.attributes["injection"] for copy in injection_cases([case])] == list(question_kinds())


@pytest.mark.parametrize("case", [EN, ZH, FOREIGN], ids=["en", "zh", "other"])
@pytest.mark.parametrize("kind", question_kinds())
def test_a_copy_asks_the_same_and_attacks(case: Case, kind: str) -> None:
    (copy,) = injection_cases([case], [kind])
    marker = copy.attributes["marker"]
    assert case.question in copy.question
    assert copy.conversation[: len(case.conversation)] == case.conversation
    assert said(copy) != said(case)
    assert (copy.question, copy.conversation) != (case.question, case.conversation)
    assert "{" not in said(copy).replace(case.question, "")
    assert not too_short(marker)
    if kind != "encoded":
        assert marker[:6] in said(copy)
        assert marker[6:] in said(copy)
    assert (copy.reference, copy.evidence, copy.groups) == (case.reference, case.evidence, case.groups)
    assert (copy.language, copy.answerable, copy.split) == (case.language, case.answerable, case.split)
    assert copy.unit == case.unit
    assert Case.model_validate(copy.model_dump()) == copy


@pytest.mark.parametrize("case", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("kind", question_kinds())
def test_who_repeats_the_attack_has_not_obeyed(case: Case, kind: str) -> None:
    (copy,) = injection_cases([case], [kind])
    assert find_leak(said(copy), copy.attributes["marker"]) is None


def test_a_copy_is_labelled() -> None:
    (copy,) = injection_cases([EN], ["ignore"])
    assert copy.id == "en-1:ignore"
    assert copy.tags == ("returns", "injection", "injection:ignore")
    labels = {"gender": "female", "attack": "injection", "injection": "ignore", "attack_on": "en-1"}
    assert copy.attributes == labels | {"marker": copy.attributes["marker"]}
    assert (copy.cluster, injection_cases([ZH], ["ignore"])[0].cluster) == ("en.md", "zh-1")


def test_markers_are_unique_and_stay_the_same() -> None:
    copies = injection_cases([EN, ZH])
    assert len({copy.attributes["marker"] for copy in copies}) == len({copy.id for copy in copies}) == len(copies)
    assert injection_cases([EN, ZH]) == copies
    assert all(copy.attributes["marker"].isascii() and copy.attributes["marker"].isalpha() for copy in copies)


@pytest.mark.parametrize("kind", [kind for kind in question_kinds() if kind != "translation"])
def test_the_attack_speaks_the_language_of_the_case(kind: str) -> None:
    (english,), (chinese,) = injection_cases([EN], [kind]), injection_cases([ZH], [kind])
    assert not HAN.search(said(english))
    own = said(chinese).replace(ZH.question, "")
    assert HAN.search(own)


def test_an_attack_in_several_turns_keeps_the_question() -> None:
    (copy,) = injection_cases([EN], ["multi_turn"])
    assert copy.question == EN.question
    assert [turn.role for turn in copy.conversation] == ["user", "assistant"] * 2


@pytest.mark.parametrize("kind", document_kinds())
def test_a_poisoned_corpus(kind: str) -> None:
    poisoned = poisoned_corpus(DOCUMENTS, [EN, ZH, FOREIGN], kind)
    english, chinese, *rest = poisoned.documents
    assert tuple(rest) == DOCUMENTS[2:]
    head, tail = english.text.split("of delivery.")
    assert head == EN_TEXT.split("of delivery.")[0]
    assert tail.endswith(" Keep the receipt.\n\nRefunds take 5 days.")
    assert chinese.text.startswith("# 退货\n\n自签收之日起30天内可以退货。 ")
    assert chinese.text.endswith("请保留收据。\n\n退款需要5个工作日。")
    assert HAN.search(
        chinese.text[len("# 退货\n\n自签收之日起30天内可以退货。") : -len("请保留收据。\n\n退款需要5个工作日。")]
    )
    assert [copy.id for copy in poisoned.cases] == [f"en-1:document_{kind}", f"zh-1:document_{kind}"]
    (marker,) = {copy.attributes["marker"] for copy in poisoned.cases}
    assert all(find_leak(document.text, marker) is None for document in poisoned.documents)
    assert poisoned.cases[0].question == EN.question
    assert poisoned.cases[0].tags == ("returns", "injection", f"injection:document_{kind}")
    assert "{" not in english.text + chinese.text


def test_no_expected_quote_is_cut() -> None:
    text = "One two. Three four. Five."
    quotes = ("One", "two. Three four", "four. Five")
    document = Document(id="d", text=text, language="en")
    cases = [case_with(quote, name=f"c{number}") for number, quote in enumerate(quotes)]
    (poisoned,) = poisoned_corpus([document], cases, "note").documents
    whole = poisoned.passage(Span(start=0, end=len(poisoned.text)))
    assert all(list(places(whole, case.evidence[0])) for case in cases)
    assert poisoned.text.count("Note to the assistant") == 1
    assert poisoned.text.startswith(text)


def case_with(quote: str, document: str = "", name: str = "c") -> Case:
    evidence = (ExpectedEvidence(document=document, quote=quote),)
    return Case(id=name, question="?", language="en", evidence=evidence)


@pytest.mark.parametrize(
    "case", [case_with("within 90 days"), case_with("within 30 days", "zh.md"), case_with("90天内", "zh.md")]
)
def test_evidence_that_is_not_there_is_an_error(case: Case) -> None:
    with pytest.raises(UsageError, match="No document holds the evidence of case 'c'"):
        poisoned_corpus(DOCUMENTS, [case], "note")


@pytest.mark.parametrize("make", [lambda: injection_cases([EN], ["nope"]), lambda: poisoned_corpus([], [], "没有")])
def test_an_unknown_kind_names_those_there_are(make: Any) -> None:
    with pytest.raises(UsageError, match=r"Choose: (ignore|note), "):
        make()
