import numpy as np
import pytest
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import DeterministicFakeEmbedding

from ragstone.errors import IndexStoreError, UsageError
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index
from ragstone.index.store import EmbedderEmbeddings, EmbeddingsEmbedder, RagstoneVectorStore


@pytest.fixture
def store(index: Index) -> RagstoneVectorStore:
    return RagstoneVectorStore(index, frozenset(["hr"]))


def test_a_slice_comes_with_its_place(store: RagstoneVectorStore) -> None:
    found, cosine = store.similarity_search_with_score("错误代码E-17表示机门未关。", k=1)[0]
    assert found.page_content == "错误代码E-17表示机门未关。"
    assert found.metadata == {"year": 2024, "document_id": "退货", "start": 11, "end": 26}
    assert found.id == "退货:11-26"
    assert 0 < cosine <= 1
    assert store.get_by_ids([found.id]) == [found]


def test_a_slice_cannot_be_deleted_alone(store: RagstoneVectorStore) -> None:
    with pytest.raises(UsageError, match="Delete '退货' as a whole"):
        store.delete(["dose", "退货:11-26"])
    assert store.get_by_ids(["退货:11-26"])
    assert store.delete(["退货"])
    assert store.get_by_ids(["退货:11-26"]) == []


def test_documents_of_other_groups_do_not_exist(index: Index) -> None:
    nobody, hr = RagstoneVectorStore(index), RagstoneVectorStore(index, frozenset(["hr"]))
    assert [document.id for document in hr.get_by_ids(["工资", "salaries", "unknown"])] == ["工资", "salaries"]
    assert nobody.get_by_ids(["工资", "salaries"]) == []
    everything = Filter(groups=frozenset(["hr", "board"]))
    found = nobody.similarity_search("salary 工资", k=20, filter=everything)
    assert not {"工资", "salaries"} & {document.id for document in found}
    assert len(found) == 8


def test_a_filter_acts_before_the_search(index: Index) -> None:
    store = RagstoneVectorStore(index)
    many = [f"refund number {number}" for number in range(200)]
    store.add_texts([*many, "开门"], [{"rare": False}] * 200 + [{"rare": True}], ids=[*map(str, range(200)), "rare"])
    found = store.similarity_search("refund number 7", k=5, filter=Filter(metadata={"rare": True}))
    assert [document.id for document in found] == ["rare"]


def test_what_the_metadata_says(embedder) -> None:
    store = RagstoneVectorStore.from_texts(
        ["Salaries", "工资表", "bonjour"],
        EmbedderEmbeddings(embedder),
        [{"groups": "hr; board", "title": "Secret"}, {}, {"language": "other"}],
        ids=["a", "b", "c"],
    )
    hr = frozenset(["hr"])
    assert store.index.embedder is embedder
    assert store.index.document("a", hr).groups == {"hr", "board"}
    assert store.index.document("a", hr).title == "Secret"
    assert [store.index.document(name, hr).language for name in "abc"] == ["en", "zh", "other"]
    assert RagstoneVectorStore(store.index, hr).get_by_ids(["a"])[0].metadata == {
        "groups": "hr; board",
        "title": "Secret",
    }


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        ([LangChainDocument(page_content="")], {}, "has no text"),
        ([LangChainDocument(page_content="x", metadata={"tags": ["a"]})], {}, "no string, number or boolean: tags"),
        ([LangChainDocument(page_content="x")], {"ids": ["a", "b"]}, "1 documents have 2 ids"),
        ([LangChainDocument(page_content="x")] * 2, {"ids": ["a", "a"]}, "same id"),
        ([LangChainDocument(page_content="x")], {"batch": 3}, "Unknown argument: batch"),
    ],
)
def test_what_is_refused(store: RagstoneVectorStore, given, options, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        store.add_documents(given, **options)
    assert store.index.info().generation == 1


def test_ids_are_made_up_where_none_is_given(store: RagstoneVectorStore) -> None:
    named = store.add_documents([LangChainDocument(page_content="x", id="mine"), LangChainDocument(page_content="文")])
    assert named[0] == "mine"
    assert [document.page_content for document in store.get_by_ids(named)] == ["x", "文"]


def test_deleting_without_ids_deletes_everything(store: RagstoneVectorStore) -> None:
    assert store.delete()
    assert store.index.info().documents == 0
    assert store.similarity_search("refund") == []


def test_the_relevance_lies_between_0_and_1(store: RagstoneVectorStore) -> None:
    found = store.similarity_search_with_relevance_scores("退款", k=3)
    assert all(0 <= relevance <= 1 for _, relevance in found)
    retriever = store.as_retriever(search_kwargs={"k": 1, "filter": Filter(languages=frozenset(["zh"]))})
    assert retriever.invoke("退款需要五个工作日")[0].metadata["document_id"] == "退货"


def test_a_store_on_disk_is_opened_again(tmp_path) -> None:
    embeddings = DeterministicFakeEmbedding(size=6)
    first = RagstoneVectorStore.from_texts(
        ["one", "一"], embeddings, ids=["1", "2"], path=tmp_path / "i", embedder_name="f"
    )
    assert first.embeddings is embeddings
    again = RagstoneVectorStore(Index.open(tmp_path / "i", EmbeddingsEmbedder(embeddings, "f")))
    assert again.similarity_search("一", k=1)[0].id == "2"
    with pytest.raises(IndexStoreError, match="'f'"):
        Index.open(tmp_path / "i", EmbeddingsEmbedder(embeddings, "g"))


def test_both_adapters_keep_the_vectors(embedder) -> None:
    there_and_back = EmbeddingsEmbedder(EmbedderEmbeddings(embedder), "hash")
    assert there_and_back.dimension == 64
    assert np.array_equal(there_and_back.embed_queries(["退款", "door"]), embedder.embed_queries(["退款", "door"]))
    seen = []
    vectors = there_and_back.embed_passages(["退款"], lambda *counts: seen.append(counts))
    assert np.array_equal(vectors, embedder.embed_passages(["退款"]))
    assert seen == [(1, 1)]


def test_the_embeddings_of_an_index_of_our_own(store: RagstoneVectorStore, embedder) -> None:
    assert store.embeddings.embed_query("退款") == embedder.embed_queries(["退款"])[0].tolist()
