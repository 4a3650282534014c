"""The index with the real bilingual embedder: ragstone models pull multilingual-e5-small-q4."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ragstone.errors import IndexStoreError, ModelNotPulledError
from ragstone.index.doctor import doctor
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index
from ragstone.index.store import EmbedderEmbeddings, RagstoneVectorStore
from ragstone.models.catalog import load_catalog
from ragstone.models.embedder import Embedder, load_embedder
from ragstone.models.store import ModelStore
from ragstone.settings import load_settings
from ragstone.types import Document, Span

pytestmark = pytest.mark.integration

TEXTS = {
    "returns": "You can return a product within 30 days for a full refund.",
    "退货": "商品在三十天内可以退货并全额退款。",
    "error": "Error E-17 means that the door of the washing machine is open.",
    "错误": "错误代码E-17表示洗衣机门未关好。",
    "dose": "The usual dose of digoxin is 0.125mg once a day.",
    "剂量": "地高辛的常用剂量为每日一次0.125mg。",
    "hours": "The museum opens at nine in the morning.",
    "时间": "博物馆早上九点开门。",
}


@pytest.fixture(scope="module")
def load() -> Callable[[str], Embedder]:
    def load(name: str) -> Embedder:
        try:
            return load_embedder(name, ModelStore(load_settings().paths.models, load_catalog()))
        except ModelNotPulledError as error:
            pytest.skip(str(error))

    return load


@pytest.fixture(scope="module")
def embedder(load: Callable[[str], Embedder]) -> Embedder:
    return load("multilingual-e5-small-q4")


@pytest.fixture
def index(tmp_path: Path, embedder: Embedder) -> Index:
    documents = [
        Document(id=name, text=text, language="en" if name.isascii() else "zh") for name, text in TEXTS.items()
    ]
    passages = [document.passage(Span(start=0, end=len(document.text))) for document in documents]
    Index.build(tmp_path / "index", documents, passages, embedder)
    return Index.open(tmp_path / "index", embedder)


@pytest.mark.parametrize("mode", ["fused", "dense"])
@pytest.mark.parametrize(
    ("query", "answers"),
    [
        ("How long do I have to send something back?", {"returns", "退货"}),
        ("多久之内可以把东西退回去？", {"returns", "退货"}),
        ("When can I visit the museum?", {"hours", "时间"}),
        ("博物馆几点可以参观？", {"hours", "时间"}),
        ("How much digoxin should be taken?", {"dose", "剂量"}),
        ("地高辛应该吃多少？", {"dose", "剂量"}),
    ],
)
def test_a_question_finds_its_answer(index: Index, query: str, answers: set[str], mode: str) -> None:
    found = index.search(query, 2, Filter(), mode).evidence
    assert found[0].passage.document_id in answers


@pytest.mark.parametrize("query", ["E-17", "e17", "Ｅ－１７"])
def test_a_code_is_found_by_its_words(index: Index, query: str) -> None:
    found = index.search(query, 2, Filter(), "lexical").evidence
    assert {row.passage.document_id for row in found} == {"error", "错误"}


@pytest.mark.parametrize(("language", "due"), [("en", "returns"), ("zh", "退货")])
def test_a_question_finds_across_languages(index: Index, language: str, due: str) -> None:
    for query in ("Can I get my money back?", "可以退款吗？"):
        found = index.search(query, 1, Filter(languages=frozenset([language])), "fused").evidence
        assert found[0].passage.document_id == due


def test_a_healthy_life(index: Index, embedder: Embedder) -> None:
    path = index.info().path
    assert path is not None
    assert index.delete(["returns", "退货"]) == 2
    assert doctor(path, embedder) == []
    for mode in ("fused", "dense", "lexical"):
        found = Index.open(path, embedder).search("refund 退款", 8, Filter(), mode).evidence
        assert not {"returns", "退货"} & {row.passage.document_id for row in found}


def test_another_real_embedder_is_refused(index: Index, load: Callable[[str], Embedder]) -> None:
    path = index.info().path
    assert path is not None
    with pytest.raises(IndexStoreError, match=r"multilingual-e5-small-q4.*all-minilm-l6-v2.*ragstone index build"):
        Index.open(path, load("all-minilm-l6-v2"))


async def test_the_store_of_langchain_with_our_embedder(embedder: Embedder) -> None:
    store = await RagstoneVectorStore.afrom_texts(list(TEXTS.values()), EmbedderEmbeddings(embedder), ids=list(TEXTS))
    for query in ("When does the museum open?", "博物馆什么时候开门？"):
        [(document, cosine)] = await store.asimilarity_search_with_score(query, k=1)
        assert document.id in {"hours", "时间"}
        assert 0.5 < cosine <= 1
