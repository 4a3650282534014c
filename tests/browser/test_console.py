"""Ask, read the proof, open the source: as a person does it, in both languages, with the real model."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ragstone_console.texts import CHINESE, ENGLISH, Texts

pytestmark = pytest.mark.browser
ANSWER_MS = 100_000


@dataclass(frozen=True)
class Visit:
    """A visitor, what they ask, and a word that the quote must hold."""

    locale: str
    scheme: str
    words: Texts
    title: str
    question: str
    quoted: str
    unanswerable: str


VISITS = {
    "en": Visit(
        locale="en-US",
        scheme="light",
        words=ENGLISH,
        title="Customer service",
        question="Within how many business days does the returns centre inspect a parcel?",
        quoted="3 business days",
        unanswerable="Which football team won the league in 1987?",
    ),
    "zh": Visit(
        locale="zh-CN",
        scheme="dark",
        words=CHINESE,
        title="客户服务",
        question="焕新机多少天内可以退货？",
        quoted="14",
        unanswerable="一九八七年的足球联赛冠军是哪支球队？",
    ),
}


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("screenshots")


@pytest.fixture(params=VISITS.values(), ids=VISITS.keys())
def visit(request: pytest.FixtureRequest) -> Visit:
    return request.param


def ask(page: Page, words: Texts, question: str) -> None:
    page.get_by_label(words.question).fill(question)
    page.get_by_role("button", name=words.ask, exact=True).click()


def save(page: Page, path: Path) -> None:
    page.screenshot(path=path)
    assert path.stat().st_size > 20_000


def test_an_answer_is_proved_in_its_source(console: str, open_page, visit: Visit, shots: Path) -> None:
    page, words = open_page(console, visit.locale, visit.scheme), visit.words
    expect(page.get_by_role("heading", level=1)).to_have_text(visit.title)
    ask(page, words, visit.question)
    citation = page.locator(".chip").first
    expect(citation).to_be_visible(timeout=ANSWER_MS)
    assert citation.text_content().isdigit()
    assert page.evaluate("window.streamed").strip()
    mark = page.locator(".mark").first
    expect(mark).to_have_text("✓")
    expect(mark).to_have_attribute("aria-label", words.verdicts["supported"])

    citation.click()
    quote = page.locator(".document mark")
    expect(quote).to_be_in_viewport()
    assert visit.quoted in quote.text_content()
    assert quote.text_content() in page.locator(".document").text_content()
    save(page, shots / f"answer-{visit.locale}.png")

    page.get_by_role("button", name=words.close_source).click()
    expect(quote).to_have_count(0)
    page.get_by_role("button", name=words.open_source).first.click()
    expect(quote).to_be_visible()
    assert page.outside == []


def test_a_question_without_an_answer_ends_in_an_abstention(console: str, open_page, visit: Visit, shots: Path) -> None:
    page, words = open_page(console, visit.locale, visit.scheme), visit.words
    ask(page, words, visit.unanswerable)
    abstention = page.locator(".rs-abstained")
    expect(abstention).to_contain_text(words.abstained, timeout=ANSWER_MS)
    assert any(reason in abstention.text_content() for reason in words.abstentions.values())
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    save(page, shots / f"abstention-{visit.locale}.png")


def test_the_language_can_be_changed_and_the_inventory_read(console: str, open_page) -> None:
    page = open_page(console)
    page.get_by_role("button", name="中文").or_(page.get_by_role("radio", name="中文")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("客户服务")
    page.get_by_role("link", name=CHINESE.inventory).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CHINESE.inventory)
    expect(page.get_by_text("炉畔客户服务").first).to_be_visible()
    expect(page.get_by_text("multilingual-e5-small-q4").first).to_be_visible()


def test_what_others_wrote_is_never_active(hostile_console: str, open_page) -> None:
    page = open_page(hostile_console)
    ask(page, ENGLISH, "<img src=x onerror='window.hacked=3'> **bold**")
    page.locator(".chip").first.click()
    expect(page.locator(".document mark")).to_contain_text("<script>window.hacked=1</script>")
    page.get_by_text(ENGLISH.evidence.format(count=1)).click()
    expect(page.locator(".rs-passage")).to_contain_text("![pixel](https://evil.example/x.png)")
    assert page.evaluate("window.hacked") is None
    for place in (".answer", ".document", ".rs-passage", ".rs-source", ".rs-asked"):
        assert page.locator(place).first.locator("script, img, a, style, strong").count() == 0, place
    assert page.outside == []
