"""No way of reading an index shows a row of a foreign group, and no permitted row is crowded out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragstone.errors import UsageError
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index
from ragstone.index.store import RagstoneVectorStore
from ragstone.types import Document, Span

GROUPS = st.frozensets(st.sampled_from(["hr", "board", "医生", "护士"]), max_size=2)
TEXTS = st.sampled_from(
    ["refund 退款", "the dose is 0.125mg", "剂量为0.125mg", "error E-17", "错误E-17", "refund the dose 退款"]
)
MODES = ("fused", "dense", "lexical")


class Constant:
    """Every text is as near as any other: only the filter tells rows apart."""

    name = fingerprint = "constant"
    dimension = 2

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:
        return np.ones((len(texts), 2), dtype=np.float32)

    def embed_passages(self, texts: Sequence[str], progress: object = None) -> np.ndarray:
        return self.embed_queries(texts)


def build(rows: Sequence[tuple[str, frozenset[str]]], path: Path | None = None) -> Index:
    documents = [
        Document(id=f"d{number}", text=text, language="en", groups=groups) for number, (text, groups) in enumerate(rows)
    ]
    passages = [document.passage(Span(start=0, end=len(document.text))) for document in documents]
    return Index.build(path, documents, passages, Constant())


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(TEXTS, GROUPS), max_size=12), mine=GROUPS, query=TEXTS, k=st.integers(1, 15))
def test_only_and_all_that_is_permitted(
    rows: list[tuple[str, frozenset[str]]], mine: frozenset[str], query: str, k: int
) -> None:
    index = build(rows)
    permitted = {f"d{number}" for number, (_, groups) in enumerate(rows) if not groups or groups & mine}
    for mode in MODES:
        found = [row.passage.document_id for row in index.search(query, k, Filter(groups=mine), mode).evidence]
        assert set(found) <= permitted
        assert len(set(found)) == len(found)
        if mode != "lexical":
            assert len(found) == min(k, len(permitted))
    store = RagstoneVectorStore(index, mine)
    assert {document.id for document in store.similarity_search(query, k=20)} == permitted
    assert {document.id for document in store.get_by_ids(index.document_ids())} == permitted
    for document_id in set(index.document_ids()) - permitted:
        with pytest.raises(UsageError):
            index.document(document_id, mine)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", ["refund", "退款"])
def test_one_permitted_row_among_five_hundred_better_ones(tmp_path: Path, mode: str, query: str) -> None:
    rows = [("refund 退款", frozenset(["board"]))] * 500 + [
        ("a long talk about a refund 退款 and more", frozenset(["hr"]))
    ]
    build(rows, tmp_path / "index")
    index = Index.open(tmp_path / "index", Constant())
    found = index.search(query, 1, Filter(groups=frozenset(["hr"])), mode).evidence
    assert [row.passage.document_id for row in found] == ["d500"]
