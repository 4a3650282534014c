"""A task: typed, labelled in both languages, with quotes that are exact."""

import json
from typing import Any

import pytest

from ragstone.sdk import Document, Quote, Span, field_title, label, sentences
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings

INPUTS = [
    ("tomatoes", "en", "Water the tomatoes every 2 days, early in the morning."),
    ("番茄", "zh", "番茄每2天浇一次水，清晨最好。"),
]


def run(house: Any, name: str, language: str) -> Any:
    house.write("input.json", json.dumps({"name": name, "language": language}))
    shown = house.run("run", "garden", "water", "--input", "input.json")
    assert shown.code == 0, shown.err
    return json.loads(shown.out)


@pytest.fixture
def planted(garden: Any, house: Any) -> None:
    garden("corpora", "task")
    assert house.run("index", "build", "garden/beds").code == 0


@pytest.mark.parametrize(("name", "language", "sentence"), INPUTS)
def test_the_task_of_the_page_quotes_the_sentence(
    planted: None, house: Any, name: str, language: str, sentence: str
) -> None:
    quoted = run(house, name, language)
    assert quoted["abstention"] is None
    assert [quote["text"] for quote in quoted["quotes"]] == [sentence]
    quote = quoted["quotes"][0]
    document = house.root / "garden/corpora/garden/beds/documents" / quote["document_id"]
    text = document.read_text("utf-8")
    start, end = quote["span"]["start"], quote["span"]["end"]
    assert text.strip()[start:end] == sentence or text[start:end] == sentence


@pytest.mark.parametrize(("name", "language"), [("bamboo", "en"), ("竹子", "zh")])
def test_what_no_document_says_is_an_abstention(planted: None, house: Any, name: str, language: str) -> None:
    assert run(house, name, language) == {"abstention": "no_evidence", "quotes": []}


def test_the_input_file_of_the_page_is_taken(planted: None, house: Any) -> None:
    shown = house.run("run", "garden", "water", "--input", "plant.json")
    assert json.loads(shown.out)["quotes"][0]["text"] == INPUTS[1][2]


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "番" * 81}, {"name": "tomatoes", "language": "fr"}])
def test_the_task_never_sees_a_wrong_input(planted: None, house: Any, wrong: dict[str, str]) -> None:
    house.write("input.json", json.dumps(wrong))
    shown = house.run("run", "garden", "water", "--input", "input.json")
    assert shown.code == 2
    assert shown.message.startswith(f"Field '{list(wrong)[-1]}': ")


def test_fields_have_titles_in_both_languages(garden: Any, house: Any) -> None:
    garden("task")
    load_settings.cache_clear()
    field = load_plugin("garden", load_settings()).tasks[0].input.model_fields["name"]
    assert [field_title("name", field, language) for language in ("en", "zh", "other")] == ["Plant", "植物", "Plant"]


def test_a_label_is_plain_arguments_of_a_field() -> None:
    assert label(en="Plant", zh="植物") == {
        "title": "Plant",
        "json_schema_extra": {"titles": {"en": "Plant", "zh": "植物"}},
    }


@pytest.mark.parametrize(
    ("language", "text", "part"),
    [("en", "Water it. Then wait.", "Then wait."), ("zh", "先浇水。再等一等。", "再等一等。")],
)
def test_a_part_of_a_passage_is_quoted_by_its_place_in_the_document(language: Any, text: str, part: str) -> None:
    document = Document(id="a", text=f"# 标题\n\n{text}", language=language, title="T")
    passage = document.passage(Span(start=6, end=6 + len(text)))
    start = document.text.index(part)
    whole, cut = Quote.of(passage), Quote.of(passage, Span(start=start, end=start + len(part)))
    assert [quote.span.of(document.text) for quote in (whole, cut)] == [text, part] == [whole.text, cut.text]
    assert sentences(text, language)[-1].of(text) == part
    for wrong in (Span(start=0, end=7), Span(start=7, end=len(document.text) + 1)):
        with pytest.raises(ValueError, match="leaves the passage"):
            Quote.of(passage, wrong)
