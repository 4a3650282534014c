from collections.abc import Callable
from pathlib import Path

import pytest

from ragstone.corpus.card import Counts, read_card
from ragstone.corpus.sealing import check, seal
from ragstone.errors import CorpusError

MakeCorpus = Callable[..., Path]
FILES = {"en/a.md": "# A\n\nText.", "zh/费用.md": "# 费用\n\n五元。", 'zh/"q\\.txt': "引号"}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ("schema = 1\n", "", "schema"),
        ('title_zh = "帮助"\n', "", "title_zh"),
        ('title = "Help"', 'title = ""', "title"),
        ('["en", "zh"]', '["en", "fr"]', "languages.1"),
        ('["en", "zh"]', "[]", "languages"),
        ('domain = "customer_service"', 'domain = "Customer Service"', "domain"),
        ('name = "help"', 'name = "other"', "name"),
        ("schema = 1", "schema = 1\nextra = 1", "extra"),
        ("schema = 1", 'schema = 1\naccess = {"*" = []}', r"access.\*"),
        ("schema = 1", 'schema = 1\naccess = {"*" = ["a;b"]}', r"access.\*.0"),
        ("schema = 1", 'schema = 1\nfiles = {"a" = "1"}', "files.a"),
    ],
)
def test_a_wrong_card_names_its_field(make_corpus: MakeCorpus, old: str, new: str, field: str) -> None:
    card = make_corpus(FILES) / "card.toml"
    card.write_text(card.read_text().replace(old, new, 1))
    with pytest.raises(CorpusError, match=f"field '{field}'"):
        read_card(card.parent)


@pytest.mark.parametrize("content", [b"schema = ", b"\xff\xfe"])
def test_a_card_that_is_not_toml(make_corpus: MakeCorpus, content: bytes) -> None:
    card = make_corpus(FILES) / "card.toml"
    card.write_bytes(content)
    with pytest.raises(CorpusError, match="is not TOML"):
        read_card(card.parent)
    card.unlink()
    card.mkdir()
    with pytest.raises(CorpusError, match="cannot be read"):
        read_card(card.parent)


def test_sealing_keeps_what_a_person_wrote_and_repeats_itself(make_corpus: MakeCorpus) -> None:
    root = make_corpus(FILES, '[access]\n"en/*" = ["staff"]  # why\n')
    before = (root / "card.toml").read_text()
    (root / "card.toml").chmod(0o644)
    told: list[int] = []
    card = seal(root, progress=lambda done, total: told.append(done))
    assert card.counts == Counts(files=3, documents=3, languages={"en": 1, "zh": 2})
    assert set(card.files) == set(FILES)
    sealed = (root / "card.toml").read_bytes()
    assert sealed.decode().startswith(before)
    assert seal(root) == card
    assert (root / "card.toml").read_bytes() == sealed
    assert (root / "card.toml").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in root.iterdir()) == ["card.toml", "documents"]
    assert check(root) == ()
    assert told == [1, 2, 3]


def test_check_lists_every_difference(make_corpus: MakeCorpus) -> None:
    root = make_corpus(FILES)
    assert "not sealed" in check(root)[0]
    seal(root)
    (root / "documents/en/a.md").write_text("# A\n\nText!")
    (root / "documents/zh/费用.md").unlink()
    (root / "documents/zh/新.md").write_text("新的")
    (root / "documents/zh/x.md").write_text("")
    (root / "documents/zh/gone.md").symlink_to("nowhere.md")
    assert check(root) == (
        "counts: sealed 3 files, 3 documents (en = 1, zh = 2), now 5 files, 3 documents (en = 1, zh = 2)",
        "en/a.md: changed",
        "zh/gone.md: rejected: It cannot be opened (No such file or directory). Check that it exists and may be read.",
        "zh/x.md: not in the seal",
        "zh/x.md: rejected: It is empty. Add text or take it out of the corpus.",
        "zh/新.md: not in the seal",
        "zh/费用.md: missing",
    )


def test_a_corpus_with_a_bad_file_or_a_written_count_is_not_sealed(make_corpus: MakeCorpus) -> None:
    root = make_corpus({**FILES, "zh/bad.pdf": "no pdf"})
    with pytest.raises(CorpusError, match=r"1 files or rows of help are rejected, the first is zh/bad\.pdf"):
        seal(root)
    (root / "documents/zh/bad.pdf").unlink()
    with (root / "card.toml").open("a") as card:
        card.write("[counts]\nfiles = 3\ndocuments = 3\nlanguages = { en = 3 }\n")
    with pytest.raises(CorpusError, match="above the seal"):
        seal(root)
