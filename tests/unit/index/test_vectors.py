import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragstone.errors import ModelError
from ragstone.index.embedding import checked
from ragstone.index.vectors import VectorIndex

NONE = np.empty(0, dtype=np.int64)


def unit(count: int, dimension: int = 8, seed: int = 7) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def filled(count: int) -> VectorIndex:
    return VectorIndex.empty(8).changed(NONE, np.arange(count, dtype=np.int64), unit(count))


@pytest.mark.parametrize("share", [1.0, 0.5, 0.01])
def test_exactly_the_best_permitted_ones(share: float) -> None:
    vectors, query = unit(1000), unit(1, seed=8)[0]
    allowed = np.sort(np.random.default_rng(9).choice(1000, int(1000 * share), replace=False))
    numbers, scores = filled(1000).search(query, 10, allowed)
    due = allowed[np.argsort(-(vectors[allowed] @ query), kind="stable")][:10]
    assert numbers == due.tolist()
    assert scores == pytest.approx((vectors[due] @ query).tolist(), abs=1e-5)


def test_fewer_permitted_than_asked_for() -> None:
    assert sorted(filled(100).search(unit(1)[0], 10, np.asarray([3, 90]))[0]) == [3, 90]
    assert filled(100).search(unit(1)[0], 10, NONE) == ([], [])
    assert VectorIndex.empty(8).search(unit(1)[0], 10, NONE) == ([], [])


def test_equal_cosines_keep_the_order_of_the_numbers() -> None:
    same = np.repeat(unit(1), 6, axis=0)
    index = VectorIndex.empty(8).changed(NONE, np.arange(6, dtype=np.int64), same)
    assert index.search(same[0], 6, np.arange(6))[0] == list(range(6))


@given(
    removals=st.lists(st.sets(st.integers(0, 40), max_size=8), max_size=5),
)
def test_numbers_and_vectors_stay_together(removals: list[set[int]]) -> None:
    index, there, vectors = filled(20), set(range(20)), unit(60)
    index = VectorIndex.empty(8).changed(NONE, np.arange(20, dtype=np.int64), vectors[:20])
    following = 20
    for removal in removals:
        gone = np.asarray(sorted(removal & there), dtype=np.int64)
        added = np.arange(following, following + 3, dtype=np.int64)
        before = index.numbers.tolist()
        changed = index.changed(gone, added, vectors[added])
        assert index.numbers.tolist() == before
        there = (there - removal) | set(added.tolist())
        following += 3
        index = changed
    assert index.numbers.tolist() == sorted(there)
    assert np.array_equal(index.vectors(index.numbers), vectors[sorted(there)])


def test_what_is_saved_is_what_is_loaded(tmp_path) -> None:
    filled(10).save(tmp_path / "vectors")
    loaded = VectorIndex.load(tmp_path / "vectors")
    assert len(loaded) == 10
    assert loaded.dimension == 8
    assert np.array_equal(loaded.vectors(np.asarray([3, 1])), unit(10)[[3, 1]])
    assert loaded.vectors(NONE).shape == (0, 8)


def test_vectors_are_normalised_and_a_zero_stays() -> None:
    assert checked(np.asarray([[3, 4], [0, 0]], dtype=np.float32), 2, 2).tolist() == pytest.approx(
        np.asarray([[0.6, 0.8], [0, 0]])
    )


@pytest.mark.parametrize(
    ("vectors", "message"),
    [(np.zeros((1, 3)), "shape"), (np.zeros((2, 2)), "shape"), (np.asarray([[1, np.nan]]), "finite")],
)
def test_an_embedder_that_breaks_its_word(vectors: np.ndarray, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        checked(vectors, 1, 2)
