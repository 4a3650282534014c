import re
from html.parser import HTMLParser

import pytest

from ragstone.types import Answer, Citation, Document, Span
from ragstone_console import views
from ragstone_console.texts import CHINESE, ENGLISH, texts

OUR_TAGS = {"div", "span", "p", "table", "thead", "tbody", "tr", "th", "td"}
OUR_ATTRIBUTES = {"class", "lang", "role"}


class Parsed(HTMLParser):
    """What a browser would find in a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_sentences_carry_their_citations_and_marks(asked) -> None:
    words = texts(asked.answer.language)
    view = views.answer_view(asked.answer, words, opened=1)
    first, second = view.sentences
    assert (first.symbol, second.symbol) == ("✓", "✗")
    assert first.tooltip == words.verdicts["supported"]
    assert second.tooltip == f"{words.verdicts['unsupported']}: 45"
    assert [chip.number for chip in first.chips + second.chips] == [1, 1]
    assert [chip.index for chip in first.chips + second.chips] == [0, 1]
    assert "Returns > The window" in first.chips[0].label
    assert view.opened == 1


def test_no_character_of_the_answer_is_lost_but_the_markers(asked) -> None:
    view = views.answer_view(asked.answer, ENGLISH)
    shown = "".join(sentence.before + sentence.text for sentence in view.sentences) + view.rest
    assert shown == re.sub(r"\s*\[\d+\]", "", asked.answer.text)


def test_a_number_in_brackets_is_text_where_nothing_is_cited() -> None:
    answer = Answer.model_validate(
        {
            "text": "See figure [3]. Tail",
            "language": "en",
            "sentences": [{"span": {"start": 0, "end": 15}, "support": {"verdict": "unchecked", "reason": "none"}}],
        }
    )
    view = views.answer_view(answer, ENGLISH)
    assert view.sentences[0].text == "See figure [3]."
    assert view.sentences[0].symbol == "?"
    assert view.rest == " Tail"


def test_a_quote_is_listed_once(asked) -> None:
    (source,) = views.source_views(asked.answer)
    assert (source.index, source.number, source.title) == (0, 1, "Returns > The window")
    assert source.quote == asked.answer.citations[0].quote


def test_sources_stand_in_the_order_of_their_numbers(asked) -> None:
    first = asked.answer.citations[0]
    other = first.model_copy(update={"number": 3, "document_id": "other", "title": ""})
    view = views.source_views(asked.answer.model_copy(update={"citations": (other, first)}))
    assert [(source.number, source.title) for source in view] == [(1, "Returns > The window"), (3, "other")]


def test_a_document_is_cut_exactly_around_the_quote(asked) -> None:
    citation = asked.answer.citations[0]
    view = views.document_view(asked.document, views.quote_of(citation))
    assert view.quote == citation.quote
    assert view.before + view.quote + view.after == asked.document.text
    assert not view.moved


@pytest.mark.parametrize(("text", "quote"), [("some other new words. {quote}", "same"), ("all different", "")])
def test_a_document_that_changed_says_so(asked, text: str, quote: str) -> None:
    citation: Citation = asked.answer.citations[0]
    changed = text.format(quote=citation.quote)
    view = views.document_view(asked.document.model_copy(update={"text": changed}), views.quote_of(citation))
    assert view.moved
    assert view.quote == (citation.quote if quote else "")
    assert view.before + view.quote + view.after == changed


def test_offsets_count_characters_beyond_the_basic_plane() -> None:
    document = Document(id="d", text="𠀀😀退货。结束", language="zh")
    citation = Citation.model_validate(
        {
            "number": 1,
            "answer_span": {"start": 0, "end": 1},
            "document_id": "d",
            "span": Span(start=2, end=5),
            "quote": "退货。",
            "support": {"verdict": "supported"},
        }
    )
    view = views.document_view(document, views.quote_of(citation))
    assert (view.before, view.quote, view.after) == ("𠀀😀", "退货。", "结束")


def all_html(sample, abstention: Answer) -> dict[str, str]:
    """Every piece of HTML that a hostile answer, question and document can reach."""
    answer = sample.answer
    view = views.document_view(
        sample.document.model_copy(update={"title": sample.question}), views.quote_of(answer.citations[0])
    )
    source = views.source_views(answer)[0].model_copy(update={"title": sample.question})
    return {
        "asked": views.asked_html(sample.question),
        "stream": views.stream_html(answer.text),
        "abstention": views.abstention_html(
            "no_evidence", ENGLISH, abstention.model_copy(update={"text": sample.question})
        ),
        "quote": views.quote_html(views.quote_of(answer.citations[0]).model_copy(update={"title": sample.question})),
        "field": views.field_head_html(sample.question, sample.question, sample.question),
        "problem": views.problem_html(sample.question),
        "source": views.source_html(source),
        "document head": views.document_head_html(view, ENGLISH, 1),
        "evidence": views.evidence_html(answer.evidence, ENGLISH),
        "dropped": views.dropped_html((sample.question,)),
        "table": views.table_html((sample.question,), ((sample.question,),), numeric=(0,)),
        "text": views.text_html(sample.question)
        + views.muted_html(sample.question)
        + views.label_html(sample.question),
    }


def test_nothing_that_others_wrote_is_active(hostile, abstention) -> None:
    for place, html in all_html(hostile, abstention).items():
        parsed = Parsed(html)
        assert parsed.tags <= OUR_TAGS, place
        assert parsed.attributes <= OUR_ATTRIBUTES, place
        assert hostile.question in parsed.text, place  # shown to the letter


def test_hostile_text_stays_plain_in_the_records(hostile) -> None:
    view = views.answer_view(hostile.answer, ENGLISH)
    assert hostile.question in view.sentences[0].text
    assert views.document_view(hostile.document, views.quote_of(hostile.answer.citations[0])).quote == hostile.question


def test_an_abstention_says_so_and_why(abstention) -> None:
    words = texts(abstention.language)
    html = views.abstention_html("no_evidence", words, abstention)
    for expected in (words.abstained, abstention.text, words.abstentions["no_evidence"]):
        assert expected in html


def test_an_abstention_without_words_still_says_why() -> None:
    assert CHINESE.abstentions["no_room"] in views.abstention_html("no_room", CHINESE)


def test_evidence_shows_the_scores_that_there_are(asked) -> None:
    html = views.evidence_html(asked.answer.evidence, CHINESE)
    assert "余弦 0.871" in html
    assert "BM25" not in html


def test_figures_leave_out_what_did_not_run(asked) -> None:
    assert views.figures(asked.answer, ENGLISH) == [
        ("Retrieval", "4 ms"),
        ("Generation", "2.50 s"),
        ("Total", "3.10 s"),
        ("Tokens read", "1,200"),
        ("Tokens written", "34"),
        ("Model", "a-model"),
    ]


def test_figures_of_an_abstention(abstention) -> None:
    assert views.figures(abstention, ENGLISH) == [("Total", "0 ms")]


@pytest.mark.parametrize(
    ("typed", "groups"),
    [
        ("", set()),
        (" , ,", set()),
        ("staff", {"staff"}),
        ("staff, clinic-a", {"staff", "clinic-a"}),
        ("客服，医生、药房；staff; staff", {"客服", "医生", "药房", "staff"}),
    ],
)
def test_groups_as_people_type_them(typed: str, groups: set[str]) -> None:
    assert views.groups_of(typed) == groups


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("Model 'm' is not in the store. Run: ragstone models pull m",
         ("Model 'm' is not in the store.", "ragstone models pull m")),
        ("No plugin. See: ragstone plugins list", ("No plugin.", "ragstone plugins list")),
        ("Gone. Run: pip install 'ragstone[console]'.", ("Gone.", "pip install 'ragstone[console]'")),
        ("The server is busy. Try again later.", ("The server is busy. Try again later.", None)),
    ],
)  # fmt: skip
def test_the_command_that_mends_is_found(message: str, parts: tuple[str, str | None]) -> None:
    assert views.error_parts(message) == parts


def test_no_markdown_survives_in_plain_text() -> None:
    assert views.plain("[a](b) **c** <d> `e` $f$ :red[g]") == (r"\[a\]\(b\) \*\*c\*\* \<d\> \`e\` \$f\$ \:red\[g\]")


def test_an_empty_head_is_no_head() -> None:
    assert "thead" not in views.table_html((), [("a", "b")])
