"""The HTML report: what it shows, that nothing in it acts, that it stays small and quick."""

import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from ragstone.evaluation.explain.records import Explanation, SentenceExplanation, Share, Word
from ragstone.evaluation.records import Finding, Metric, Outcome, Provenance, Report, Score, failed
from ragstone.evaluation.reports.html import MOST_CASES, render_explanation, render_html
from ragstone.evaluation.runs.files import slim
from ragstone.types import Answer, Case, Citation, Document, Evidence, ExpectedEvidence, Span, Support, Turn

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}</style>'
VOID = {"meta", "input", "line", "circle", "polyline", "br"}


class Page(HTMLParser):
    """Tags, attributes and visible text; fails on a tag that is closed out of order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_failing_release_is_told_and_shown(judged: Callable[..., Any]) -> None:
    before, after, gate = judged(zh_shift=0.7)
    page = Page(render_html(after, before, gate))
    assert gate.verdict == "FAIL"
    assert "✗ FAIL" in page.text
    assert "faithfulness (language=zh)" in page.text
    assert gate.rows[2].reason in page.text
    assert "the mean could be" in page.text
    assert "the judge did not answer: 503" in page.text
    assert "Candidate: m-1" in page.text
    assert "Baseline: m-1" in page.text
    assert "settings: models: chat m-1" in page.text
    assert "area under the curve" in page.text
    assert sum(tag == "details" and "case " in str(facts.get("class")) for tag, facts in page.tags) == 120


def test_findings_are_marked_in_both_languages(judged: Callable[..., Any]) -> None:
    before, after, gate = judged(zh_shift=0.9)
    source = render_html(after, before, gate)
    assert '<mark class="depth-2">30<sup>1</sup></mark><mark class="depth-1"> days.<sup>2</sup></mark>' in source
    assert '<mark class="depth-2">30<sup>1</sup></mark><mark class="depth-1">天。<sup>2</sup></mark>' in source
    assert "21 in the source" in source


@pytest.mark.parametrize(("zh_shift", "verdict"), [(0.02, "PASS"), (0.12, "INCONCLUSIVE")])
def test_other_verdicts(judged: Callable[..., Any], zh_shift: float, verdict: str) -> None:
    before, after, _ = judged(zh_shift=zh_shift, shift=0.02, cases=40)
    from ragstone.evaluation.gate.rules import GateRules
    from ragstone.evaluation.gate.verdicts import decide

    margin = {"PASS": 0.5, "INCONCLUSIVE": 0.001}[verdict]
    gate = decide(before, after, GateRules.from_mapping({"metrics": {"abstention.right": {"margin": margin}}}))
    page = Page(render_html(after, before, gate))
    assert gate.verdict == verdict
    assert f" {verdict}" in page.text
    assert ("which is no PASS" in page.text) == (verdict == "INCONCLUSIVE")


def test_a_run_alone_has_no_baseline_and_no_verdict(make_report: Callable[..., Report]) -> None:
    page = Page(render_html(make_report(12)))
    assert "Baseline" not in page.text
    assert "Verdict" not in page.text
    assert "Language: zh" in page.text


def test_a_slim_baseline_says_that_it_has_no_texts(make_report: Callable[..., Report]) -> None:
    page = Page(render_html(make_report(3), slim(make_report(2))))
    assert "The file of this run holds no texts of answers." in page.text
    assert "This run does not have the case." in page.text


def hostile() -> Report:
    text = f"{HOSTILE} 答案"
    quote = Citation(number=1, answer_span=Span(start=0, end=3), document_id=HOSTILE, span=Span(start=0, end=3),
                     quote=HOSTILE, title=HOSTILE, support=Support(verdict="supported"))  # fmt: skip
    case = Case(id=HOSTILE, question=HOSTILE, language="other", reference=HOSTILE, tags=(HOSTILE,), cluster=HOSTILE,
                attributes={HOSTILE: HOSTILE}, conversation=(Turn(role="user", text=HOSTILE),),
                evidence=(ExpectedEvidence(document=HOSTILE, quote=HOSTILE),))  # fmt: skip
    answer = Answer(text=text, language="en", citations=(quote,), values={HOSTILE: HOSTILE}, model=HOSTILE)
    finding = Finding(span=Span(start=2, end=30), label=HOSTILE, explanation=HOSTILE)
    verdicts = {"a": Score(value=0.5, findings=(finding,)), "b": failed(HOSTILE)}
    facts = Provenance(created=HOSTILE, ragstone="0", python="3", settings={HOSTILE: {HOSTILE: HOSTILE}})
    outcome = Outcome(case=case, answer=answer, error=HOSTILE, verdicts=verdicts)
    return Report(suite=HOSTILE, provenance=facts, metrics=(Metric(name="a"), Metric(name="b")), outcomes=(outcome,))


def test_nothing_of_a_model_or_a_document_acts() -> None:
    source = render_html(hostile(), hostile())
    page = Page(source)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "a", "form", "base"}
    assert source.count("<style>") == 1
    assert "49" not in page.text
    names = {name for _, facts in page.tags for name in facts}
    assert not {name for name in names if name.startswith("on")} | (names & {"src", "href", "style"})
    assert page.text.count(HOSTILE) > 20
    policy = next(facts["content"] for tag, facts in page.tags if facts.get("http-equiv"))
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'", str(policy)
    )
    assert "http" not in source.replace("http-equiv", "")


def test_long_texts_are_cut_and_counted() -> None:
    answer = Answer(text="书" * 5000, language="zh")
    finding = Finding(span=Span(start=4000, end=4001), label="hidden")
    outcome = Outcome(
        case=Case(id="a", question="q", language="zh"),
        answer=answer,
        verdicts={"m": Score(value=1, findings=(finding,))},
    )
    facts = Provenance(created="", ragstone="", python="")
    page = Page(render_html(Report(suite="s", provenance=facts, metrics=(Metric(name="m"),), outcomes=(outcome,))))
    assert "3000 more characters, with 1 findings, are in the report file." in page.text
    assert "hidden 1.000" not in page.text


def test_an_abstention_and_a_single_case() -> None:
    answer = Answer(text="没有找到。", language="zh", abstention="no_evidence")
    outcome = Outcome(case=Case(id="a", question="问", language="zh", answerable=False), answer=answer, seconds=1.25)
    facts = Provenance(created="", ragstone="", python="")
    page = Page(render_html(Report(suite="s", provenance=facts, metrics=(), outcomes=(outcome,))))
    assert "abstained: no evidence" in page.text
    assert "not answerable" in page.text
    assert "1.2 s" in page.text


def test_a_thousand_cases_are_small_and_quick(judged: Callable[..., Any]) -> None:
    before, after, gate = judged(cases=550, zh_shift=0.5)
    started = time.process_time()
    source = render_html(after, before, gate)
    assert time.process_time() - started < 2
    assert len(source.encode()) < 5_000_000
    assert source.count('<details class="case ') == MOST_CASES
    assert "100 more are in the report file." in source


def explanation(model: str = "m-1", **fields: Any) -> Explanation:
    passage = Document(id="zh/loans.md", text="每本书可以借21天。", language="zh", title=HOSTILE).passage(
        Span(start=0, end=11)
    )
    text = "可以借21天。[1]"
    answer = Answer(text=text, language="zh", evidence=(Evidence(passage=passage), Evidence(passage=passage)), **fields)
    words = (Word(span=Span(start=3, end=6), drop=4.5),)
    sentence = SentenceExplanation(
        span=Span(start=0, end=len(text)),
        support=Support(verdict="unsupported", reason="来源中没有：21"),
        shares=(Share(number=2, drop=6.25, words=words), Share(number=1, drop=-0.5, words=words)) if model else (),
        together=9.75 if model else None,
    )
    sentences = () if answer.abstention else (sentence,)
    return Explanation(question="可以借多久？", answer=answer, model=model, sentences=sentences)


def test_an_explanation_shows_passages_and_words() -> None:
    source = render_explanation(explanation())
    page = Page(source)
    for shown in (
        "可以借多久？",
        "6.250",
        "−0.500",
        "9.750",
        "all of them",
        "under m-1",
        "✗ not proved: 来源中没有：21",
    ):
        assert shown in page.text
    assert source.count('<mark class="depth-1">21天</mark>') == 3  # in the sentence, and for each passage
    assert f"[2] {HOSTILE}" in page.text
    assert not {"script", "img"} & {tag for tag, _ in page.tags}


def test_an_explanation_without_a_model_or_an_answer() -> None:
    assert "No model scored the answer" in render_explanation(explanation(model=""))
    refused = explanation(abstention="no_evidence")
    assert "no sentence to explain" in render_explanation(refused)


def test_the_report_holds_explanations_too(make_report: Callable[..., Report]) -> None:
    page = Page(render_html(make_report(2), explanations=[explanation()]))
    assert "What carried the answers" in page.text


def test_the_passages_found_are_listed_and_the_right_one_is_marked() -> None:
    texts = ["逾期归还需支付2元。", "每本书可以借21天。" + "长" * 200, *(f"第{n}条" for n in range(5))]
    documents = [Document(id=f"zh/{n}.md", text=text, language="zh") for n, text in enumerate(texts)]
    found = tuple(Evidence(passage=each.passage(Span(start=0, end=len(each.text)))) for each in documents)
    case = Case(id="a", question="问", language="zh", evidence=(ExpectedEvidence(quote="可以借21天"),))
    outcome = Outcome(case=case, answer=Answer(text="", language="zh", evidence=found))
    facts = Provenance(created="", ragstone="", python="")
    page = Page(render_html(Report(suite="s", provenance=facts, metrics=(), outcomes=(outcome,))))
    assert "3 of 7 passages found" in page.text
    assert page.text.count("holds an expected quote") == 1
    assert "zh/1.md" in page.text
    assert "长" * 101 not in page.text
