from concurrent.futures import ThreadPoolExecutor

import pytest

from ragstone.errors import IndexStoreError, ModelError, UsageError
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index

MODES = ("fused", "dense", "lexical")
EVERYBODY = Filter()
HR = Filter(groups=frozenset(["hr"]))


def ids(index: Index, query: str, where: Filter = EVERYBODY, mode: str = "fused", k: int = 20) -> list[str]:
    return [evidence.passage.document_id for evidence in index.search(query, k, where, mode).evidence]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("query", "document_id"),
    [
        ("Refunds take five days", "returns"),
        ("退款需要五个工作日", "退货"),
        ("Never double", "dose"),
        ("头孢过敏", "用药"),
    ],
)
def test_each_mode_finds(index: Index, mode: str, query: str, document_id: str) -> None:
    assert ids(index, query, mode=mode, k=3)[0] == document_id


def test_evidence_says_why(index: Index) -> None:
    found = index.search("error E-17 door", 20, EVERYBODY)
    first = found.evidence[0]
    assert first.passage.text == "Error E-17 means the door is open."
    assert 0 < first.dense <= 1
    assert first.lexical > 0
    assert first.fused == pytest.approx((1 + 0.4) / 21)
    assert any(evidence.lexical is None for evidence in found.evidence)
    assert [e.fused for e in found.evidence] == sorted((e.fused for e in found.evidence), reverse=True)
    assert found.embed_seconds > 0
    assert found.retrieve_seconds > 0


@pytest.mark.parametrize("query", ["error E-17 door", "退款"])
def test_the_dense_ranking_weighs_more_than_the_lexical(index: Index, query: str) -> None:
    dense = [item.passage.id for item in index.search(query, 50, EVERYBODY, "dense").evidence]
    lexical = [item.passage.id for item in index.search(query, 50, EVERYBODY, "lexical").evidence]
    assert lexical
    for item in index.search(query, 50, EVERYBODY).evidence:
        expected = 1.0 / (21 + dense.index(item.passage.id)) if item.passage.id in dense else 0.0
        expected += 0.4 / (21 + lexical.index(item.passage.id)) if item.passage.id in lexical else 0.0
        assert item.fused == pytest.approx(expected)


def test_one_mode_gives_one_score(index: Index) -> None:
    dense = index.search("退款", 20, EVERYBODY, "dense")
    lexical = index.search("退款", 20, EVERYBODY, "lexical")
    assert all(evidence.lexical is None for evidence in dense.evidence)
    assert len(dense.evidence) == 8
    assert [evidence.dense for evidence in lexical.evidence] == [None]
    assert lexical.embed_seconds is None


@pytest.mark.parametrize("query", ["Returns", "退货政策"])
def test_the_title_helps_to_find_and_is_not_quoted(index: Index, query: str) -> None:
    found = index.search(query, 2, EVERYBODY, "lexical").evidence
    assert len(found) == 2
    assert all(query not in evidence.passage.text for evidence in found)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("query", "groups", "due"),
    [
        ("The salary of the director is secret.", [], set()),
        ("经理的工资是保密的。", [], set()),
        ("The salary of the director is secret.", ["hr"], {"salaries"}),
        ("经理的工资是保密的。", ["board"], {"工资"}),
        ("经理的工资是保密的。", ["nurses"], set()),
    ],
)
def test_foreign_groups_are_never_found(index: Index, mode: str, query: str, groups: list[str], due: set[str]) -> None:
    found = set(ids(index, query, Filter(groups=frozenset(groups)), mode))
    assert due <= found
    assert "salaries" not in found - due
    assert "工资" not in found or "board" in groups or "hr" in groups


@pytest.mark.parametrize("mode", MODES)
def test_other_filters(index: Index, mode: str) -> None:
    query = "E-17 退款 dose 0.125mg"
    assert set(ids(index, query, Filter(languages=frozenset(["zh"])), mode)) == {"退货", "用药"}
    assert set(ids(index, query, Filter(document_ids=frozenset(["dose", "salaries"])), mode)) == {"dose"}
    assert set(ids(index, query, Filter(metadata={"year": 2024}), mode)) == {"returns", "退货"}
    assert ids(index, query, Filter(metadata={"year": "2024"}), mode) == []


@pytest.mark.parametrize("mode", MODES)
def test_one_percent_permitted_still_gives_k(document, cut, embedder, mode: str) -> None:
    many = [document(f"d{n}", f"refund 退款 number {n}", groups=["all"] if n % 100 else ["few"]) for n in range(500)]
    index = Index.build(None, many, cut(many), embedder)
    assert len(ids(index, "refund 退款", Filter(groups=frozenset(["few"])), mode, k=5)) == 5


@pytest.mark.parametrize(("k", "candidates"), [(0, 50), (5, 0)])
def test_k_counts_from_one(index: Index, k: int, candidates: int) -> None:
    with pytest.raises(UsageError, match="from 1"):
        index.search("refund", k, EVERYBODY, candidates=candidates)


@pytest.mark.parametrize("path", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_a_deleted_document_is_gone(tmp_path, documents, cut, embedder, mode: str, path: bool) -> None:
    index = Index.build(tmp_path / "i" if path else None, documents, cut(documents), embedder)
    assert index.delete(["returns", "用药", "unknown"]) == 2
    views = [index, Index.open(tmp_path / "i", embedder)] if path else [index]
    for view in views:
        for query in ("Refunds take five days. Error E-17", "头孢过敏者禁用", "每日一次"):
            assert not {"returns", "用药"} & set(ids(view, query, HR, mode))
        for gone in ("returns", "用药"):
            assert view.passages(gone) == ()
            with pytest.raises(UsageError, match="no document"):
                view.document(gone, frozenset())
        assert view.info().documents == 4


def test_deleted_text_is_nowhere_on_the_disk(index: Index, document, cut) -> None:
    extra = [document("extra", "more", title="t")]
    index.add(extra, cut(extra))
    assert index.delete(["returns"]) == 1
    stored = b"".join(file.read_bytes() for file in index.info().path.rglob("*") if file.is_file())
    assert b"Refunds take five" not in stored
    assert b"refund" not in stored
    assert "退款需要".encode() in stored


def test_deleting_nothing_writes_nothing(index: Index) -> None:
    assert index.delete(["unknown", "不存在"]) == 0
    assert index.info().generation == 1


@pytest.mark.parametrize("path", [True, False])
def test_adding_an_id_again_replaces_it(tmp_path, documents, cut, embedder, document, path: bool) -> None:
    index = Index.build(tmp_path / "i" if path else None, documents, cut(documents), embedder)
    embedder.embedded.clear()
    new = [document("returns", "Refunds take nine days.\nError E-17 means the door is open.", title="Returns")]
    seen = []
    index.add(new, cut(new), lambda done, total: seen.append((done, total)))
    assert embedder.embedded == ["Returns\nRefunds take nine days."]
    assert seen == [(1, 1)]
    assert [passage.text for passage in index.passages("returns")] == new[0].text.split("\n")
    for mode in MODES:
        texts = [e.passage.text for e in index.search("refunds take five days", 20, EVERYBODY, mode).evidence]
        assert "Refunds take nine days." in texts
        assert "Refunds take five days." not in texts
    assert index.document("returns", frozenset()) == new[0]
    assert index.info().documents == len(documents)
    index.add(new, cut(new))
    assert index.info().passages == 10
    assert len(embedder.embedded) == 1


def test_a_document_that_lost_its_groups_is_seen_and_the_other_way_round(index: Index, document, cut) -> None:
    swapped = [document("salaries", "open now"), document("dose", "Take 0.125mg once a day.", groups=["hr"])]
    index.add(swapped, cut(swapped))
    assert "salaries" in ids(index, "open now")
    assert "dose" not in ids(index, "0.125mg")


@pytest.mark.parametrize(("document_id", "groups"), [("salaries", []), ("工资", ["nurses"]), ("不存在", ["hr"])])
def test_documents_of_others_do_not_exist(index: Index, document_id: str, groups: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        index.document(document_id, frozenset(groups))
    assert str(caught.value) == f"There is no document '{document_id}' here for you. Check its id and your groups."


def test_a_permitted_document_comes_whole(index: Index, documents) -> None:
    assert index.document("工资", frozenset(["board"])) == documents[5]


def test_info(index: Index, embedder) -> None:
    info = index.info()
    assert (info.documents, info.passages, info.generation, info.dimension) == (6, 10, 1, 64)
    assert info.languages == index.languages == {"en", "zh"}
    assert (info.embedder, info.fingerprint) == ("hash", "hash-64")
    assert info.bytes > 2560
    assert index.document_ids()[2] == "退货"
    memory = Index.build(None, [], [], embedder).info()
    assert (memory.path, memory.generation, memory.created, memory.bytes) == (None, None, None, 0)


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_index_answers_with_nothing(tmp_path, embedder, mode: str) -> None:
    Index.build(tmp_path / "i", [], [], embedder)
    assert ids(Index.open(tmp_path / "i", embedder), "anything 什么", mode=mode) == []


def test_what_is_stored_is_what_is_opened(index: Index, documents, cut, embedder) -> None:
    opened = Index.open(index.info().path, embedder)
    for document in documents:
        assert opened.document(document.id, frozenset(["hr"])) == document
        assert opened.passages(document.id) == tuple(cut([document]))
    for mode in MODES:
        for query in ("E-17 door", "退款"):
            assert opened.search(query, 9, HR, mode).evidence == index.search(query, 9, HR, mode).evidence


def test_awkward_texts_survive(tmp_path, document, cut, embedder) -> None:
    texts = ["a\u2028b\r\nc\x00d", "𠮷野家 🍜 e\u0301", '{"number": 1}\\n']
    awkward = [document(f"id\n{number}:0-1", text, title="\u2029") for number, text in enumerate(texts)]
    index = Index.build(tmp_path / "i", awkward, cut(awkward), embedder)
    opened = Index.open(tmp_path / "i", embedder)
    for one in awkward:
        assert opened.document(one.id, frozenset()) == one
    assert opened.search("野家", 3, EVERYBODY).evidence == index.search("野家", 3, EVERYBODY).evidence


def test_parts_that_do_not_belong_together(documents, cut, embedder, document) -> None:
    passages = cut(documents)
    stranger = cut([document("stranger", "x")])[0]
    secret = passages[-1].model_copy(update={"groups": frozenset()})
    wrong = [
        ("same id", [*documents, documents[0]], passages),
        ("same slice", documents, [*passages, passages[0]]),
        ("without its document", documents, [*passages, stranger]),
        ("differs from its document", documents, [*passages[:-1], secret]),
        ("not finite", [document("d", "x", price=float("nan"))], []),
    ]
    for message, given, cuts in wrong:
        with pytest.raises(UsageError, match=message):
            Index.build(None, given, cuts, embedder)


def test_an_embedder_that_fails_leaves_the_index_as_it_was(index: Index, document, cut, monkeypatch) -> None:
    monkeypatch.setattr(index.embedder, "embed_passages", lambda texts, progress=None: [[float("nan")] * 64])
    new = [document("new", "新的")]
    with pytest.raises(ModelError):
        index.add(new, cut(new))
    assert index.info().generation == 1
    assert "new" not in index.document_ids()


def test_another_embedder_is_refused(index: Index, new_embedder) -> None:
    path = index.info().path
    with pytest.raises(
        IndexStoreError, match=r"'hash' \(hash-64\), not with 'other' \(other-64\).*ragstone index build"
    ):
        Index.open(path, new_embedder("other"))


def test_a_missing_index(tmp_path, embedder) -> None:
    with pytest.raises(IndexStoreError, match="ragstone index build medical/leaflets"):
        Index.open(tmp_path / "medical" / "leaflets", embedder)


def test_a_change_by_another_holder_is_seen_at_once(index: Index, embedder, document, cut) -> None:
    other = Index.open(index.info().path, embedder)
    index.delete(["dose"])
    assert "dose" not in ids(other, "Never double the dose")
    new = [document("新", "全新的内容")]
    other.add(new, cut(new))
    assert ids(index, "全新的内容", k=1) == ["新"]
    assert set(index.document_ids()) == {"returns", "退货", "用药", "salaries", "工资", "新"}


def test_another_holder_rebuilt_with_another_embedder(index: Index, new_embedder) -> None:
    Index.build(index.info().path, [], [], new_embedder("other"))
    with pytest.raises(IndexStoreError, match="cannot be compared"):
        index.search("dose", 1, EVERYBODY)


def test_threads_may_read_while_one_writes(index: Index, document, cut) -> None:
    def read(number: int) -> int:
        return len(index.search("E-17 退款", 3, HR, MODES[number % 3]).evidence)

    def write(number: int) -> int:
        new = [document(f"n{number}", f"neu {number} 新")]
        index.add(new, cut(new))
        return index.delete([f"n{number}"])

    with ThreadPoolExecutor(4) as pool:
        reads = pool.map(read, range(60))
        writes = pool.map(write, range(4))
        assert all(reads)
        assert list(writes) == [1] * 4
    assert index.info().documents == 6
