import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.gate.comparing import compare


def test_shows_every_shared_metric_in_every_slice(report):
    baseline = report({"f1": [1.0] * 40, "old": [1.0] * 40})
    candidate = report({"f1": [0.0 if n % 4 == 1 else 1.0 for n in range(41)], "new": [1.0] * 41})
    result = compare(baseline, candidate, ["language"])
    assert [(row.metric, row.slice) for row in result.rows] == [
        ("f1", "all"),
        ("f1", "language=en"),
        ("f1", "language=zh"),
    ]
    assert [row.difference for row in result.rows] == [-0.25, 0.0, -0.5]
    assert (result.rows[0].baseline, result.rows[0].candidate) == (1.0, 0.75)
    assert result.rows[0].low is not None
    assert result.rows[0].high is not None
    assert result.rows[0].low < -0.25 < result.rows[0].high < 0
    assert result.rows[2].p_value < 0.05 < result.rows[1].p_value == 1
    assert result.unshared == ("new", "old")
    assert (result.only_baseline, result.only_candidate) == ((), ("case-40",))


def test_failed_scores_are_counted_and_no_pair_is_no_number(report):
    row = compare(report({"f1": [1.0, 0.5]}), report({"f1": ["failed", "not_applicable"]})).rows[0]
    assert (row.n, row.missing, row.not_applicable, row.one_sided) == (0, 1, 1, 1)
    assert row.baseline is row.candidate is row.difference is row.low is row.high is None
    assert row.p_value == 1


def test_p_values_are_adjusted_for_the_number_of_rows(report):
    def compared(*names: str):
        before = [1.0] * 12 + [0.0] * 6
        after = [0.0, *[1.0] * 5, *[0.0] * 3, *before[9:]]
        return compare(report(dict.fromkeys(names, before)), report(dict.fromkeys(names, after)))

    one, two = compared("f1"), compared("f1", "em")
    assert 0 < one.rows[0].p_value < 0.5
    assert two.rows[1].p_value == pytest.approx(2 * one.rows[0].p_value)


def test_two_suites_are_not_compared(report):
    with pytest.raises(UsageError, match="two runs of one suite"):
        compare(report({"f1": [1.0]}), report({"f1": [1.0]}, suite="other"))
