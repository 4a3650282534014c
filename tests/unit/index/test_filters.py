import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragstone.index.filters import Filter, FilterIndex
from ragstone.types import Document, Passage, Span

GROUPS = st.frozensets(st.sampled_from(["hr", "board", "医生", "护士"]), max_size=3)
LANGUAGE = st.sampled_from(["en", "zh", "other"])
IDS = st.sampled_from(["a", "b", "文"])
METADATA = st.dictionaries(st.sampled_from(["year", "科室"]), st.sampled_from([1, True, 1.5, "1", "内科"]), max_size=2)


def passage(name: str, language: str, groups: frozenset[str], metadata: dict[str, object]) -> Passage:
    document = Document(id=name, text="x", language=language, groups=groups, metadata=metadata)
    return document.passage(Span(start=0, end=1))


ROWS = st.lists(st.builds(passage, IDS, LANGUAGE, GROUPS, METADATA), max_size=12)
FILTERS = st.builds(
    Filter,
    groups=GROUPS,
    languages=st.none() | st.frozensets(LANGUAGE),
    document_ids=st.none() | st.frozensets(IDS),
    metadata=METADATA,
)


@given(rows=ROWS, where=FILTERS)
def test_the_inverted_lists_agree_with_the_definition(rows: list[Passage], where: Filter) -> None:
    assert FilterIndex(rows).allowed(where).tolist() == [where.permits(row) for row in rows]


@given(rows=ROWS, where=FILTERS)
def test_no_row_of_a_foreign_group(rows: list[Passage], where: Filter) -> None:
    for row in np.flatnonzero(FilterIndex(rows).allowed(where)):
        assert not rows[row].groups or rows[row].groups & where.groups


@pytest.mark.parametrize(
    ("groups", "mine", "visible"),
    [
        ((), (), True),
        ((), ("hr",), True),
        (("hr",), (), False),
        (("hr",), ("hr",), True),
        (("医生",), ("护士",), False),
    ],
)
def test_groups(groups: tuple[str, ...], mine: tuple[str, ...], visible: bool) -> None:
    assert Filter(groups=frozenset(mine)).permits(passage("a", "en", frozenset(groups), {})) is visible


def test_an_empty_set_means_none_and_no_set_means_any() -> None:
    row = passage("a", "zh", frozenset(), {})
    assert Filter().permits(row)
    assert not Filter(languages=frozenset()).permits(row)
    assert not Filter(document_ids=frozenset()).permits(row)


def test_true_is_not_one() -> None:
    row = passage("a", "en", frozenset(), {"flag": True})
    assert Filter(metadata={"flag": True}).permits(row)
    assert not Filter(metadata={"flag": 1}).permits(row)
