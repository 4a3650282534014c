"""The page of a plugin that nobody drew: its form filled by hand, in both languages, and its results read."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ragstone_console.texts import CHINESE, ENGLISH, Texts

pytestmark = pytest.mark.browser
RUN_MS = 60_000
ATTACK = "<img src=x onerror='window.hacked=1'> ![x](https://evil.example/x.png) $a_b$ **c**"


@dataclass(frozen=True)
class Visit:
    """A visitor, and how they call the fields."""

    locale: str
    words: Texts
    title: str
    fields: dict[str, str]
    place: str
    find: str
    asked: str
    passages: str


VISITS = {
    "en": Visit(
        locale="en-US",
        words=ENGLISH,
        title="Garden care",
        fields={"Plant": "Leek", "Notes": ATTACK, "How many": "6", "Name": "South wall", "Square metres": "4.5"},
        place="Place",
        find="Find passages",
        asked="How long may I return a filter?",
        passages="Passages",
    ),
    "zh": Visit(
        locale="zh-CN",
        words=CHINESE,
        title="园艺",
        fields={"植物": "番茄", "备注": ATTACK, "数量": "6", "名称": "南墙", "平方米": "4.5"},
        place="位置",
        find="查找原文",
        asked="滤芯多久之内可以退货？",
        passages="原文段落",
    ),
}


@pytest.fixture(params=VISITS.values(), ids=VISITS.keys())
def visit(request: pytest.FixtureRequest) -> Visit:
    return request.param


@pytest.fixture
def page(console: str, open_page, visit: Visit) -> Page:
    opened = open_page(console, visit.locale, path="/garden")
    expect(opened.get_by_role("heading", level=1)).to_have_text(visit.title)
    return opened


def run(page: Page, words: Texts) -> None:
    page.get_by_role("button", name=words.run, exact=True).click()


def fill(page: Page, visit: Visit) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    for name, value in visit.fields.items():
        page.locator("input, textarea").and_(page.get_by_label(name)).first.fill(value)
        page.keyboard.press("Tab")
    place = page.locator("input").and_(page.get_by_label(visit.place))
    place.press_sequentially("shade")  # by the keyboard: a list that was opened by a click closes when the page scrolls
    place.press("Enter")


def test_a_form_is_filled_and_its_results_are_read(page: Page, visit: Visit, tmp_path: Path) -> None:
    words = visit.words
    run(page, words)
    missing = page.get_by_text(words.problems["missing"])
    expect(missing).to_have_count(5)
    fill(page, visit)
    run(page, words)
    facts = page.locator(".rs-facts").first
    expect(facts).to_contain_text("18", timeout=RUN_MS)
    expect(facts).to_contain_text(words.yes)
    expect(missing).to_have_count(0)
    expect(page.locator(".rs-text", has_text=ATTACK)).to_be_visible()
    expect(page.locator(".rs-table td").nth(1)).to_have_text("Sow indoors")
    assert page.evaluate("window.hacked") is None
    assert page.outside == []
    page.screenshot(path=tmp_path / "form.png", full_page=True)
    assert (tmp_path / "form.png").stat().st_size > 20_000
    with page.expect_download() as download:
        page.get_by_role("button", name=words.download).click()
    assert ATTACK in Path(download.value.path()).read_text(encoding="utf-8")


def test_a_task_that_takes_long_is_stopped(page: Page, visit: Visit) -> None:
    words = visit.words
    fill(page, visit)
    page.locator("input").and_(page.get_by_label(next(iter(visit.fields)))).fill("slow")
    run(page, words)
    expect(page.get_by_text(words.working.format(seconds=2))).to_be_visible(timeout=RUN_MS)
    page.get_by_role("button", name=words.stop).click()
    expect(page.get_by_role("button", name=words.stop)).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_quote_opens_its_document(page: Page, visit: Visit) -> None:
    page.get_by_role("radio", name=visit.find).or_(page.get_by_role("button", name=visit.find)).click()
    page.get_by_role("button", name=visit.asked).click()
    expect(page.get_by_text(visit.passages)).to_be_visible(timeout=RUN_MS)
    quoted = page.locator(".rs-quote").first.text_content()
    page.get_by_role("button", name=visit.words.open_source).first.click()
    quote = page.locator(".document mark")
    expect(quote).to_be_visible()
    assert quote.text_content() == quoted
    page.get_by_role("button", name=visit.words.close_source).click()
    expect(quote).to_have_count(0)
