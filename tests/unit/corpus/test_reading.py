from collections.abc import Callable
from pathlib import Path

import pytest

from ragstone.corpus.reading import read_corpus, read_files
from ragstone.errors import CorpusError

MakeCorpus = Callable[..., Path]
FAQ = 'id,question,answer,groups\na,"Fee?",5 dollars,\nb,运费？,五元,hr\n'


def test_documents_come_in_the_order_of_their_paths(make_corpus: MakeCorpus) -> None:
    root = make_corpus(
        {"zh/b.md": "# 乙\n\n正文", "en/a.md": "# A\n\ntext", "en/a/c.txt": "more text", "zh/1.txt": "12"}
    )
    told: list[tuple[int, int]] = []
    corpus = read_corpus(root, progress=lambda done, total: told.append((done, total)))
    assert [(d.id, d.language) for d in corpus.documents] == [
        ("en/a.md", "en"),
        ("en/a/c.txt", "en"),
        ("zh/1.txt", "en"),  # the card's first language, for want of letters
        ("zh/b.md", "zh"),
    ]
    assert corpus.files == ("en/a.md", "en/a/c.txt", "zh/1.txt", "zh/b.md")
    assert corpus.languages == {"en", "zh"}
    assert corpus.rejected == ()
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_groups_come_from_the_card_and_a_rows_own_replace_them(make_corpus: MakeCorpus) -> None:
    access = '[access]\n"*/internal/*" = ["staff", "desk"]\n"*/internal/pay/*" = ["hr"]\n'
    files = {
        "en/open.md": "Open.",
        "en/internal/a.md": "Inside.",
        "en/internal/pay/x.md": "Pay.",
        "zh/internal/f.csv": FAQ,
    }
    corpus = read_corpus(make_corpus(files, access))
    assert {d.id: set(d.groups) for d in corpus.documents} == {
        "en/open.md": set(),
        "en/internal/a.md": {"staff", "desk"},
        "en/internal/pay/x.md": {"hr"},
        "zh/internal/f.csv#a": {"staff", "desk"},
        "zh/internal/f.csv#b": {"hr"},
    }


def test_an_access_pattern_that_protects_nothing_is_an_error(make_corpus: MakeCorpus) -> None:
    root = make_corpus({"en/intern/a.md": "Inside."}, '[access]\n"*/internal/*" = ["staff"]\n')
    with pytest.raises(CorpusError, match=r"'\*/internal/\*' in help matches no file"):
        read_corpus(root)


@pytest.mark.parametrize(("text", "same"), [("Café text", "Cafe\u0301 text\n\n"), ("退货政策", "\n退货政策  ")])
def test_the_same_text_is_kept_once_for_the_same_readers(make_corpus: MakeCorpus, text: str, same: str) -> None:
    access = '[access]\n"internal/*" = ["staff"]\n'
    corpus = read_corpus(make_corpus({"a.md": text, "b.txt": same, "internal/c.md": text}, access))
    assert [d.id for d in corpus.documents] == ["a.md", "internal/c.md"]
    assert [(d.document_id, d.same_as) for d in corpus.duplicates] == [("b.txt", "a.md")]


def test_a_corpus_needs_its_documents(make_corpus: MakeCorpus, tmp_path: Path) -> None:
    root = make_corpus({})
    assert read_corpus(root).documents == ()
    (root / "documents").rmdir()
    with pytest.raises(CorpusError, match="has no folder 'documents'"):
        read_corpus(root)
    with pytest.raises(CorpusError, match=r"has no card\.toml"):
        read_corpus(tmp_path / "nowhere")


def test_loose_files_are_read_with_the_groups_given(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text(FAQ, encoding="utf-8")
    told: list[tuple[int, int]] = []
    reading = read_files(
        [tmp_path / "faq.csv"], frozenset({"staff"}), progress=lambda done, total: told.append((done, total))
    )
    assert {d.id: set(d.groups) for d in reading.documents} == {"faq.csv#a": {"staff"}, "faq.csv#b": {"hr"}}
    assert told == [(1, 1)]
