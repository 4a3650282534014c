import pytest

from ragstone.errors import UsageError
from ragstone.index.fusion import reciprocal_rank_fusion


def test_the_formula_of_the_paper() -> None:
    fused = dict(reciprocal_rank_fusion([["a", "b"], ["b", "c"]]))
    assert fused == pytest.approx({"a": 1 / 61, "b": 1 / 62 + 1 / 61, "c": 1 / 62})


def test_best_first_and_ties_in_order_of_appearance() -> None:
    assert [item for item, _ in reciprocal_rank_fusion([["a", "b", "c"], ["d", "b"]])] == ["b", "a", "d", "c"]


def test_weights() -> None:
    assert [item for item, _ in reciprocal_rank_fusion([["a"], ["b"]], weights=[1, 2])] == ["b", "a"]
    with pytest.raises(UsageError, match="2 rankings have 1 weights"):
        reciprocal_rank_fusion([["a"], ["b"]], weights=[1])


@pytest.mark.parametrize("rankings", [[], [[]], [[], []]])
def test_nothing_to_fuse(rankings: list[list[str]]) -> None:
    assert reciprocal_rank_fusion(rankings) == []
