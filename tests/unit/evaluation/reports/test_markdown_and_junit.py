"""The verdict for a pull request and for a CI system."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from ragstone.evaluation.gate.results import GateResult, Verdict
from ragstone.evaluation.records import Report
from ragstone.evaluation.reports.junit import render_junit
from ragstone.evaluation.reports.markdown import MARKER, code, plain, render_markdown
from ragstone.evaluation.reports.summary import banner


def test_a_comment_tells_the_verdict_and_the_worst_cases(judged: Callable[..., Any]) -> None:
    before, after, gate = judged(zh_shift=0.7)
    text = render_markdown(after, before, gate)
    assert text.startswith(f"{MARKER}\n\n## ✗ FAIL: `library/answers`\n\n2 of 7 checks failed")
    assert "| ✗ FAIL | `faithfulness` | `language=zh` | −0." in text
    assert "| ✓ PASS | `recall@5` | `all` |" in text
    assert "minimum 0.500" in text
    assert "- Look first at " in text
    worst = next(line for line in text.splitlines() if line.startswith("Worst cases:"))
    assert worst.count("`") == 10
    assert text.count("<details>") == text.count("</details>") == 3
    assert "书" not in text  # no text of a question or an answer
    assert "Late books" not in text


def test_every_table_of_a_comment_is_whole(judged: Callable[..., Any]) -> None:
    before, after, gate = judged()
    widths: set[int] = set()
    for line in [*render_markdown(after, before, gate).splitlines(), ""]:
        if line.startswith("|"):
            widths.add(line.count(" | "))
        else:
            assert len(widths) <= 1, line
            widths = set()


def test_a_comment_without_a_gate(make_report: Callable[..., Report]) -> None:
    text = render_markdown(make_report(5))
    assert text.startswith(f"{MARKER}\n\n## `library/answers`\n\nWorst cases:")
    assert "Differences have" not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a|b`c\n@all", "`a¦b'c @all`"), ("案例|一", "`案例¦一`"), ("<img>", "`<img>`")],
)
def test_names_are_code(text: str, shown: str) -> None:
    assert code(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("<img src=x> @all", "&#60;img src=x&#62; &#64;all"), ("甲|乙\n丙", "甲&#124;乙 丙"), ("![a](b)", "!&#91;a](b)")],
)
def test_sentences_hold_no_markup(text: str, shown: str) -> None:
    assert plain(text) == shown


def row(verdict: Any, **fields: Any) -> Verdict:
    facts = {
        "metric": "recall@5",
        "slice": "language=zh",
        "kind": "difference",
        "reason": "it is <so> & 如此",
        **fields,
    }
    return Verdict(verdict=verdict, **facts)


def gate(*rows: Verdict, **fields: Any) -> GateResult:
    verdict = "FAIL" if any(each.verdict == "FAIL" for each in rows) else "INCONCLUSIVE"
    return GateResult(suite="库/答", verdict=verdict, alpha=0.05, power=0.8, level=0.9, rows=rows, **fields)


def test_junit_has_a_case_for_each_row() -> None:
    result = gate(row("PASS"), row("FAIL", worst_cases=("a", "b\x00")), row("INCONCLUSIVE"))
    suite = ElementTree.fromstring(render_junit(result))  # noqa: S314 (ours)
    assert suite.tag == "testsuite"
    assert suite.attrib == {"name": "库/答", "tests": "3", "failures": "1", "skipped": "1", "errors": "0"}
    passed, bad, unsure = suite
    assert passed.attrib == {"classname": "库/答", "name": "recall@5 [language=zh] difference"}
    assert list(passed) == []
    assert bad[0].tag == "failure"
    assert bad[0].get("message") == "it is <so> & 如此"
    assert bad[0].text == "Worst cases: a, b\ufffd"
    assert unsure[0].tag == "skipped"


def test_junit_names_cases_that_were_not_run() -> None:
    suite = ElementTree.fromstring(render_junit(gate(row("PASS"), only_baseline=("a", "b"))))  # noqa: S314 (ours)
    assert suite.get("skipped") == "1"
    assert suite[1][0].get("message") == "2 cases of the baseline were not run"


def test_the_banner_says_what_to_do() -> None:
    unsure = banner(gate(row("INCONCLUSIVE", needed=90, clusters=30, missing=2), notes=("2 cases are new.",)))
    assert unsure.steps == (
        "2 cases are new.",
        "About 90 clusters of cases would decide it; there are 30. Add cases.",
        "Scores are missing: run the suite again, which does what failed once more.",
    )
    lost = banner(gate(row("PASS"), only_baseline=("a",)))
    assert lost.words == "Not decided, which is no PASS: cases of the baseline are missing."
    many = banner(gate(*(row("FAIL", metric=f"m{number}") for number in range(7))))
    assert many.words.endswith("m4 (language=zh) and 2 more.")
    assert many.steps == ("See the reasons below.",)
