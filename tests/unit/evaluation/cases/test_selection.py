"""A part of the cases."""

from typing import Any

import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.cases.selection import select
from ragstone.types import Case

CASES = [
    Case(
        id=f"case-{number}",
        question="多久？" if number % 2 else "How long?",
        language="zh" if number % 2 else "en",
        tags=("numeric",) if number % 3 == 0 else (),
        split="dev" if number % 4 == 0 else "test",
    )
    for number in range(40)
]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, range(40)),
        ({"language": "zh"}, range(1, 40, 2)),
        ({"language": "en", "tag": "numeric"}, range(0, 40, 6)),
        ({"split": "dev"}, range(0, 40, 4)),
        ({"split": "test", "language": "zh", "tag": "numeric"}, range(3, 40, 6)),
        ({"limit": 100}, range(40)),
    ],
)
def test_filters(filters: dict[str, Any], numbers: range) -> None:
    assert [case.id for case in select(CASES, **filters)] == [f"case-{number}" for number in numbers]


def test_a_sample_is_fixed_by_its_seed_and_keeps_the_order() -> None:
    sample = select(CASES, limit=10)
    assert len(sample) == 10
    assert sample == select(CASES, limit=10) == tuple(case for case in CASES if case in sample)
    assert sample != select(CASES, limit=10, seed=8)
    drawn = {case.id for case in sample}
    assert drawn == {case.id for case in select(CASES[::-1], limit=10)}
    assert drawn < {case.id for case in select(CASES, limit=20)}


def test_a_case_more_changes_one_place_of_the_sample() -> None:
    for case in select(CASES, limit=10):
        left = [each for each in CASES if each != case]
        assert len({each.id for each in select(left, limit=10)} & {each.id for each in select(CASES, limit=10)}) == 9


def test_every_case_is_as_likely() -> None:
    drawn = [case.id for seed in range(400) for case in select(CASES, limit=10, seed=seed)]
    counts = [drawn.count(case.id) for case in CASES]
    assert min(counts) > 60
    assert max(counts) < 140


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"limit": 0}, "A limit of 0 leaves no case"),
        ({"limit": -3}, "A limit of -3"),
        ({"tag": "数字", "language": "zh"}, "None of the 40 cases has language zh, tag 数字"),
        ({"language": "other"}, "language other"),
    ],
)
def test_nothing_left_is_an_error(filters: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        select(CASES, **filters)


def test_no_cases_at_all() -> None:
    with pytest.raises(UsageError, match="None of the 0 cases has anything to ask"):
        select([])
