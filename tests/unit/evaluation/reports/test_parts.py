"""The pieces of a report: spans, numbers, drawings, the order of the cases."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from ragstone.evaluation.gate.results import GateResult, Verdict
from ragstone.evaluation.records import Metric, Outcome, Provenance, Report, Score, failed
from ragstone.evaluation.reports.highlight import pieces
from ragstone.evaluation.reports.numbers import change, interval, number, percent
from ragstone.evaluation.reports.plots import WIDTH, Interval, Rule, dot_and_whisker, steps
from ragstone.evaluation.reports.ranking import worst_first
from ragstone.evaluation.reports.summary import figures
from ragstone.evaluation.reports.tables import counted, missing, table_view
from ragstone.types import Case, Span


def spans(*pairs: tuple[int, int]) -> list[Span]:
    return [Span(start=start, end=end) for start, end in pairs]


@pytest.mark.parametrize(
    ("text", "marked", "shown"),
    [
        ("abcdef", spans((1, 4), (2, 6)), [("a", ()), ("b", (0,)), ("cd", (0, 1)), ("ef", (1,))]),
        ("每本书借21天", spans((3, 7), (4, 6)), [("每本书", ()), ("借", (0,)), ("21", (0, 1)), ("天", (0,))]),
        ("abc", spans((1, 9)), [("a", ()), ("bc", (0,))]),
        ("abc", spans((5, 9)), [("abc", ())]),
        ("abc", spans((0, 3), (0, 3)), [("abc", (0, 1))]),
        ("abc", [], [("abc", ())]),
        ("", spans((0, 2)), []),
    ],
)
def test_overlapping_spans_never_cross(text: str, marked: Sequence[Span], shown: list[tuple[str, Any]]) -> None:
    assert [(piece.text, piece.covered) for piece in pieces(text, marked)] == shown


def test_pieces_make_the_whole_text_again() -> None:
    draw = random.Random(3)
    for _ in range(200):
        text = "".join(draw.choice("ab 书天") for _ in range(draw.randrange(1, 12)))
        starts = [draw.randrange(12) for _ in range(draw.randrange(4))]
        marked = [Span(start=start, end=start + draw.randrange(1, 6)) for start in starts]
        found = pieces(text, marked)
        assert "".join(piece.text for piece in found) == text
        for number_, span in enumerate(marked):
            assert "".join(piece.text for piece in found if number_ in piece.covered) == span.of(text)


@pytest.mark.parametrize(
    ("value", "plain", "signed"),
    [(0.81234, "0.812", "+0.812"), (-0.5, "−0.500", "−0.500"), (0.0, "0.000", "0.000"), (-0.0001, "0.000", "0.000"),
     (12.34, "12.3", "+12.3"), (-4321.0, "−4321", "−4321"), (None, "–", "–")],
)  # fmt: skip
def test_numbers(value: float | None, plain: str, signed: str) -> None:
    assert (number(value), change(value)) == (plain, signed)


def test_intervals_and_shares() -> None:
    assert interval(-0.1, 0.25) == "[−0.100, 0.250]"
    assert interval(None, None) == "(−∞, ∞)"
    assert percent(0.9) == "90 %"


def test_a_drawing_holds_its_intervals_and_rules() -> None:
    plot = dot_and_whisker([Interval("a", 0.5, 0.4, 0.6), Interval("b", 0.7, None, None)], [Rule("margin", 0.3)])
    first, second = plot.whiskers
    assert plot.low < 0.3
    assert plot.high > 0.7
    assert 0 < plot.rules[0][1] < first.left < first.x < first.right < second.x < WIDTH
    assert (second.left, second.right, second.closed) == (0.0, WIDTH, (False, False))
    assert first.closed == (True, True)
    assert first.y < second.y < plot.height


def test_a_drawing_stays_within_the_bounds_of_its_metric() -> None:
    inside = dot_and_whisker([Interval("a", 0.5, 0.01, 0.99)], bounds=(0.0, 1.0))
    assert (inside.low, inside.high) == (0.0, 1.0)
    at_the_end = dot_and_whisker([Interval("a", 0.9, 0.8, 1.0)], bounds=(0.0, 1.0))
    assert at_the_end.high > 1.0  # so that the dot at the end is whole


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_drawing_of_one_point(value: float) -> None:
    plot = dot_and_whisker([Interval("a", value, value, value)])
    assert plot.low < value < plot.high
    assert plot.whiskers[0].x == WIDTH / 2


def test_a_curve_goes_in_steps() -> None:
    assert steps([(0.5, 0.0), (1.0, 0.5)], 100, 10) == "50.0,10.0 100.0,10.0 100.0,5.0"


def run(metric: Metric, values: dict[str, float | None], error: str | None = None) -> Report:
    outcomes = [
        Outcome(
            case=Case(id=name, question="问题", language="zh"),
            verdicts={metric.name: failed("down") if value is None else Score(value=value)},
        )
        for name, value in values.items()
    ]
    if error:
        outcomes.append(Outcome(case=Case(id="error", question="q", language="en"), error=error))
    facts = Provenance(created="", ragstone="", python="")
    return Report(suite="s", provenance=facts, metrics=(metric,), outcomes=tuple(outcomes))


@pytest.mark.parametrize(
    ("metric", "order"),
    [
        (Metric(name="m"), ["b", "c", "a"]),
        (Metric(name="m", goal="lower"), ["a", "c", "b"]),
        (Metric(name="m", low=None, high=None), ["b", "c", "a"]),
        (Metric(name="m", goal="zero", low=-1.0), ["a", "c", "b"]),
        (Metric(name="m", kind="description"), ["a", "b", "c"]),
    ],
)
def test_the_worst_case_comes_first(metric: Metric, order: list[str]) -> None:
    found = worst_first(run(metric, {"a": 0.9, "b": 0.1, "c": 0.5}))
    assert [each.outcome.case.id for each in found] == order


def test_against_a_baseline_the_greatest_loss_comes_first() -> None:
    metric = Metric(name="m")
    before = run(metric, {"a": 0.2, "b": 1.0, "c": 0.9})
    found = worst_first(run(metric, {"a": 0.1, "b": 0.4, "c": 0.9, "new": 0.8}), before)
    assert [(each.outcome.case.id, round(each.harm, 3)) for each in found] == [
        ("b", 0.6),
        ("new", 0.2),
        ("a", 0.1),
        ("c", 0.0),
    ]
    assert found[0].metric == "m"


def test_broken_cases_come_before_all_others() -> None:
    found = worst_first(run(Metric(name="m"), {"a": 0.0, "b": None}, error="it crashed"))
    assert [(each.outcome.case.id, each.broken) for each in found] == [("b", True), ("error", True), ("a", False)]
    assert found[0].metric == ""


@pytest.mark.parametrize(
    ("label", "case"),
    [
        ("language=zh", {}),
        ("split=dev", {"split": "dev"}),
        ("tag=topic:loans", {"tags": ("topic:loans",)}),
        ("attribute:gender=female", {"attributes": {"gender": "female"}}),
    ],
)
def test_figures_of_every_kind_of_slice(label: str, case: dict[str, Any]) -> None:
    facts = Provenance(created="", ragstone="", python="")
    metric = Metric(name="m")
    special = Outcome(case=Case(id="a", question="问", language="zh", **case), verdicts={"m": Score(value=0.25)})
    other = Outcome(case=Case(id="b", question="q", language="en"), verdicts={"m": Score(value=1.0)})
    report = Report(suite="s", provenance=facts, metrics=(metric,), outcomes=(special, other))
    row = Verdict(metric="m", slice=label, kind="minimum", verdict="PASS", reason="r", minimum=0.1)
    lost = Verdict(metric="gone", slice="all", kind="minimum", verdict="INCONCLUSIVE", reason="r", minimum=0.1)
    gate = GateResult(suite="s", verdict="PASS", alpha=0.05, power=0.8, level=0.9, rows=(row, lost))
    first = figures(report, None, gate)[0]
    assert [(line.slice, line.candidate.value, line.candidate.n) for line in first.lines] == [(label, 0.25, 1)]


def test_rules_of_the_drawings() -> None:
    facts = Provenance(created="", ragstone="", python="")
    metric = Metric(name="m", goal="lower")
    outcomes = [
        Outcome(case=Case(id=str(n), question="q", language="en"), verdicts={"m": Score(value=n / 4)}) for n in range(4)
    ]
    report = Report(suite="s", provenance=facts, metrics=(metric,), outcomes=tuple(outcomes))
    for fields, rules in (
        ({"kind": "difference", "margin": 0.1, "baseline": 0.3, "difference": 0.2}, ["margin"]),
        ({"kind": "minimum", "minimum": 0.5}, ["margin"]),
        ({"kind": "equivalence", "margin": 0.1}, ["margin", "margin", "zero"]),
        ({"kind": "difference", "margin": 0.1}, []),
        ({"kind": "difference"}, []),
    ):
        row = Verdict(metric="m", slice="all", verdict="PASS", reason="r", **fields)
        gate = GateResult(suite="s", verdict="PASS", alpha=0.05, power=0.8, level=0.9, rows=(row,))
        line = table_view(figures(report, None, gate)[0]).lines[0]
        assert line.means is not None
        assert [name for name, _ in line.means.rules] == rules
        assert (line.difference is None) == ("difference" not in fields)


def test_failed_scores_are_counted_and_bounded() -> None:
    values = {str(n): 0.5 for n in range(3)} | {"x": None}
    (line,) = figures(run(Metric(name="m"), values))[0].lines
    assert (counted(line), missing(line)) == ("3 of 4", "1 failed: the mean could be 0.375 to 0.625")
    (line,) = figures(run(Metric(name="m", low=None, high=None), values))[0].lines
    assert missing(line) == "1 failed"
