"""The HTML report in real Chromium: it acts on nothing, filters without a script, and reads in light and dark."""

import re
from pathlib import Path

import pytest

from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.records import Finding, Metric, Outcome, Provenance, Report, Score, failed
from ragstone.evaluation.reports.html import render_html
from ragstone.types import Answer, Case, Span

pytestmark = pytest.mark.browser

ATTACK = '<img src="https://example.org/x" onerror="document.title=1"><script>document.title=1</script>'
TEXTS = {"en": f"A book may be kept for 30 days. {ATTACK}", "zh": f"每本书可以借30天。{ATTACK}"}


def outcome(number: int, language: str, value: float) -> Outcome:
    finding = Finding(span=Span(start=0, end=12), label="number", explanation=ATTACK)
    verdict = failed("the judge did not answer") if number == 7 else Score(value=value, findings=(finding,))
    return Outcome(
        case=Case(id=f"{language}-{number}", question=f"{ATTACK} 借多久？", language=language, cluster=f"d{number}"),
        answer=Answer(text=TEXTS[language], language=language),
        verdicts={"faithfulness": verdict},
    )


def report(lost: int) -> Report:
    outcomes = [
        outcome(number, language, 0.0 if number < lost and language == "zh" else 1.0)
        for language in ("en", "zh")
        for number in range(20)
    ]
    facts = Provenance(created="2026-01-02", ragstone="0.1.0", python="3.11.7")
    return Report(suite="图书馆/answers", provenance=facts, metrics=(Metric(name="faithfulness"),), outcomes=outcomes)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    before, after = report(0), report(14)
    rules = GateRules.from_mapping({"metrics": {"faithfulness": {"margin": 0.1, "slices": ["language"]}}})
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_html(after, before, decide(before, after, rules)), encoding="utf-8")
    return path


def visible_cases(page) -> int:
    return page.locator(".case:visible").count()


def test_nothing_acts_and_nothing_is_loaded(page_file: Path, open_page) -> None:
    page = open_page(page_file.as_uri())
    for case in page.locator(".case > summary").all()[:3]:
        case.click()
    assert page.title() == "图书馆/answers"
    assert page.locator("script, img, iframe, link").count() == 0
    assert page.outside == []
    assert "onerror" in page.locator(".case .text:visible").first.inner_text()


def test_the_verdict_and_the_plots_are_seen(page_file: Path, open_page) -> None:
    page = open_page(page_file.as_uri())
    assert page.get_by_label("Verdict").get_by_text("✗ FAIL").is_visible()
    drawing = page.get_by_role("img", name=re.compile("faithfulness: candidate .* baseline"))
    assert drawing.first.bounding_box()["width"] > 200
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0


def test_cases_are_filtered_without_a_script(page_file: Path, open_page) -> None:
    page = open_page(page_file.as_uri())
    assert visible_cases(page) == 40
    page.get_by_label("zh", exact=True).check()
    assert visible_cases(page) == 20
    page.get_by_label("clearly worse than the baseline").check()
    assert visible_cases(page) == 13  # the failed one has no value to compare
    page.get_by_label("failed").check()
    assert visible_cases(page) == 1


def test_an_opened_case_shows_both_answers_and_the_marked_words(page_file: Path, open_page) -> None:
    page = open_page(page_file.as_uri())
    page.get_by_label("clearly worse than the baseline").check()
    case = page.locator(".case:visible").first
    case.locator("summary").first.click()
    assert case.get_by_text("Candidate", exact=True).first.is_visible()
    assert case.locator("mark").first.inner_text().startswith("每本书可以借30天")
    left, right = (case.locator(f".side.{name}").bounding_box() for name in ("candidate", "baseline"))
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(page_file: Path, open_page, scheme: str) -> None:
    """WCAG AA: 4.5 to 1 between a text and the nearest background that is painted."""
    page = open_page(page_file.as_uri(), scheme=scheme)
    page.locator(".case > summary").first.click()
    low = page.evaluate(
        """() => {
          const parse = (color) => color.match(/[\\d.]+/g).map(Number);
          const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
            const part = c[i] / 255;
            return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
          }, 0);
          const painted = (element) => {
            for (let each = element; each; each = each.parentElement) {
              const color = parse(getComputedStyle(each).backgroundColor);
              if (color.length < 4 || color[3] > 0) return color;
            }
            return [255, 255, 255];
          };
          const found = [];
          for (const element of document.querySelectorAll("body *:not(svg *)")) {
            const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
            if (!own || !element.checkVisibility({ visibilityProperty: true })) continue;
            const pair = [light(parse(getComputedStyle(element).color)), light(painted(element))].sort((a, b) => b - a);
            const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
            if (contrast < 4.5) found.push(`${element.className || element.tagName}: ${contrast.toFixed(2)}`);
          }
          return [...new Set(found)];
        }"""
    )
    assert low == []


def test_a_narrow_window_scrolls_tables_alone(page_file: Path, open_page) -> None:
    page = open_page(page_file.as_uri())
    page.set_viewport_size({"width": 400, "height": 800})
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
