import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.gate.rules import GateRules


def test_reads_a_table_and_fills_in_what_is_usual():
    rules = GateRules.from_mapping({"metrics": {"recall@5": {"margin": 0.05, "slices": ["language"]}}})
    assert (rules.alpha, rules.power) == (0.05, 0.8)
    assert rules.metrics["recall@5"].slices == ("language",)
    assert rules.metrics["recall@5"].minimum is None


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({}, "metrics"),
        ({"metrics": {}}, "metrics"),
        ({"metrics": {"f1": {}}}, "metrics.f1: Value error, give a margin, a minimum, or both"),
        ({"metrics": {"f1": {"margin": 0}}}, "metrics.f1.margin"),
        ({"metrics": {"f1": {"margin": float("nan")}}}, "metrics.f1.margin"),
        ({"metrics": {"f1": {"margn": 0.1}}}, "metrics.f1.margn"),
        ({"metrics": {"f1": {"margin": 0.1, "slice_margin": 0.2}}}, "a slice_margin goes with a margin and slices"),
        ({"metrics": {"f1": {"minimum": 0.1, "slice_margin": 0.2, "slices": ["split"]}}}, "a slice_margin goes with"),
        ({"alpha": 0.7, "metrics": {"f1": {"margin": 0.1}}}, "alpha"),
        ({"power": 1, "metrics": {"f1": {"margin": 0.1}}}, "power"),
    ],
)
def test_a_bad_table_is_named_with_its_source(table: dict, named: str):
    with pytest.raises(UsageError, match="suite 'fees'") as caught:
        GateRules.from_mapping(table, "suite 'fees'")
    assert named in str(caught.value)
