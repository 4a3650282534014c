"""Every kind of bad file is rejected with a reason that says what to do, and the good one beside it is read."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from ragstone.corpus.loaders import docx as docx_loader
from ragstone.corpus.loaders import load, load_file
from ragstone.corpus.reading import read_corpus, read_files
from ragstone.errors import CorpusError

MakeCorpus = Callable[..., Path]


def blank_pdf(password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return buffer.getvalue()


RUSSIAN = "Привет, это русский текст о возврате товара в магазин, его нельзя угадать."
META_UTF8 = b"<meta charset=utf-8><p>"
BAD = [
    ("empty.md", b"", "It is empty"),
    ("blank.txt", b" \n\t\r\n", "It is empty"),
    ("mark.txt", b"\xef\xbb\xbf \n", "It is empty"),
    ("blank16.txt", "\u3000\n".encode("utf-16"), "It is empty"),
    ("binary.md", b"text\0more", "NUL bytes"),
    ("random.txt", bytes(range(1, 256)) * 4, "neither UTF-8"),
    ("control.txt", b"text \x07 bell", "control characters"),
    ("cut.txt", "退货政策说明，七天内".encode()[:-1], "neither UTF-8"),
    ("koi8.txt", RUSSIAN.encode("koi8-r"), "neither UTF-8"),
    ("cyrillic.txt", RUSSIAN.encode("cp1251"), "neither UTF-8"),
    ("japanese.txt", "これは日本語のテキストです。返品は七日以内。".encode("shift-jis"), "neither UTF-8"),
    ("lost.md", "Price: \ufffd5".encode(), "replacement characters"),
    ("twice.md", "It’s a café".encode().decode("cp1252").encode(), "UTF-8 twice"),
    ("twice-zh.md", "退货政策说明".encode().decode("latin-1").encode(), "control characters"),
    ("odd16.txt", b"\xff\xfea", "says that it is utf-16-le"),
    ("declared.html", META_UTF8 + "café".encode("cp1252"), "says that it is utf-8"),
    ("declared-zh.html", META_UTF8 + "退货政策".encode("gb18030"), "says that it is utf-8"),
    ("wrong.html", b"<meta charset=windows-1252><p>" + "退货政策说明".encode("gb18030"), "reads as nonsense"),
    ("unknown.html", b"<meta charset=klingon><p>caf\xe9", "says that it is klingon"),
    ("scripts.html", b"<body><script>document.write('x')</script><!-- words --></body>", "no text without its scripts"),
    ("broken.pdf", b"%PDF-1.7 and no more", "not a whole PDF"),
    ("text.pdf", b"just words", "not a whole PDF"),
    ("locked.pdf", blank_pdf("secret"), "locked by a password"),
    ("scan.pdf", blank_pdf(), "no text layer"),
    ("words.docx", b"just words", "no zip archive"),
    ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .doc"),
    ("empty-zip.docx", archive(), "not a whole Word document"),
    ("other.docx", archive(**{"a.txt": b"a"}), "not a whole Word document"),
    ("columns.csv", b"id,body\n1,x\n", "lacks known columns"),
    ("no-id.csv", "question,answer\n怎么退？,七天\n".encode(), "lacks known columns"),
    ("same-ids.csv", b"id,question,answer\na,b?,c\na,d?,e\n", "Lines 2 and 3 have the same row id"),
    ("same-columns.csv", b"id,question,answer,x,X\na,b,c,d,e\n", "names a column twice"),
    ("header.csv", b'id,question,"answer\na,b,c\n', "header is not CSV"),
    ("quote.csv", b'id,question,answer\na,"b,c\n', "row from line 2"),
    ("no-rows.csv", b"id,question,answer\n", "It has no rows"),
    ("same-ids.jsonl", b'{"id":1,"title":"a","text":"b"}\n{"id":"1","title":"c","text":"d"}\n', "Lines 1 and 2"),
    ("image.png", b"\x89PNG", "suffix is not one of"),
    ("noise", b"text", "suffix is not one of"),
]


@pytest.mark.parametrize(("name", "data", "message"), BAD, ids=[name for name, _, _ in BAD])
def test_a_bad_file_is_rejected_with_a_reason_and_the_others_are_read(
    make_corpus: MakeCorpus, name: str, data: bytes, message: str
) -> None:
    root = make_corpus({"en/good.md": "# Good\n\nText.", f"zh/{name}": data})
    corpus = read_corpus(root)
    assert [document.id for document in corpus.documents] == ["en/good.md"]
    (rejected,) = corpus.rejected
    assert rejected.path == f"zh/{name}"
    assert message in rejected.reason
    assert rejected.reason.count(". ") >= 1  # what is wrong, then what to do
    assert "退货" not in rejected.reason
    with pytest.raises(CorpusError):
        load_file(root / "documents" / "zh" / name, "x")


BAD_LINES = [
    ("not json", "not a JSON object"),
    ("[1]", "not a JSON object"),
    ("[" * 100_000, "not a JSON object"),
    ('{"id": "b", "title": "t"}', "lacks a value"),
    ('{"title": "t", "text": "x"}', "lacks a value"),
    ('{"id": true, "title": "t", "text": "x"}', "lacks a value"),
    ('{"id": "b", "title": "t", "text": ["x"]}', "must be strings"),
    ('{"id": "b c", "title": "t", "text": "x"}', "white space"),
    ('{"id": "b", "title": "t", "text": "\\ud800"}', "surrogate"),
    ('{"id": "b", "title": "t", "text": "x", "path": "y"}', "may not be called 'path'"),
    ('{"id": "b", "title": "t", "text": "x", "more": {"a": 1}}', "neither text, a number"),
    ('{"id": "b", "title": "t", "text": "x", "more": NaN}', "neither text, a number"),
    ('{"id": "b", "title": "t", "text": "x", "groups": 3}', "'groups' must be"),
    ('{"id": "b", "title": "t", "text": "x", "groups": [3]}', "'groups' must be"),
    ('{"id": "b", "title": "t", "text": "x", "groups": " ; "}', "names no group"),
    ('{"id": "b", "title": " ", "text": "\\u3000"}', "holds no text"),
]


@pytest.mark.parametrize(("line", "message"), BAD_LINES, ids=[message for _, message in BAD_LINES])
def test_a_bad_line_is_rejected_by_its_number_and_the_others_are_read(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id":"a","title":"Fee","text":"5"}\n\n' + line + '\n{"id":"z","title":"运费","text":"五元"}\n')
    loaded = load(path, "rows.jsonl")
    assert [document.id for document in loaded.documents] == ["rows.jsonl#a", "rows.jsonl#z"]
    (rejected,) = loaded.rejected
    assert (rejected.path, rejected.line) == ("rows.jsonl", 3)
    assert message in rejected.reason
    with pytest.raises(CorpusError, match=r"rows\.jsonl, line 3"):
        load_file(path, "rows.jsonl")


def test_a_csv_row_of_another_width_or_without_an_answer_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text('id,question,answer\na,b?,"two\nlines"\nc,d?,e,f\ng,h?,\n\ni,多少？,五\n')
    loaded = load(path, "faq.csv")
    assert [document.id for document in loaded.documents] == ["faq.csv#a", "faq.csv#i"]
    assert [(bad.line, bad.reason.split(".")[0]) for bad in loaded.rejected] == [
        (4, "It has 4 cells under 3 columns"),
        (5, "It lacks a value of 'id' and either 'question' and 'answer' or 'title' and 'text'"),
    ]


def test_a_huge_file_is_rejected_before_it_is_read(make_corpus: MakeCorpus) -> None:
    root = make_corpus({"a.md": "x" * 2000, "b.md": "small"})
    corpus = read_corpus(root, max_file_bytes=1024)
    assert [document.id for document in corpus.documents] == ["b.md"]
    assert "larger than the limit of 0.000976562 MB" in corpus.rejected[0].reason


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_loader, "MAX_UNPACKED_BYTES", 1024**2)
    path = tmp_path / "bomb.docx"
    path.write_bytes(archive(**{"word/document.xml": b" " * (1024**2 + 1)}))
    with pytest.raises(CorpusError, match="unpacks to more than 1 MB"):
        load_file(path, "bomb.docx")


def test_links_pipes_and_odd_names(make_corpus: MakeCorpus, tmp_path: Path) -> None:
    root = make_corpus({"en/good.md": "Good text.", "en/folder/inside.md": "Inside."})
    folder = root / "documents" / "en"
    outside = tmp_path / "secret.md"
    outside.write_text("Secret.")
    (folder / "link.md").symlink_to(outside)
    (folder / "to-folder").symlink_to(folder / "folder")
    (folder / "dangling.md").symlink_to(folder / "nothing.md")
    (folder / "same.md").symlink_to(folder / "good.md")
    os.mkfifo(folder / "pipe.md")
    (folder / os.fsdecode(b"bad\xff.md")).write_text("Text.")
    corpus = read_corpus(root)
    assert [document.id for document in corpus.documents] == ["en/folder/inside.md", "en/good.md"]
    assert [(d.document_id, d.same_as) for d in corpus.duplicates] == [("en/same.md", "en/good.md")]
    reasons = {bad.path: bad.reason for bad in corpus.rejected}
    assert "not UTF-8" in reasons.pop("en/bad\\udcff.md")
    assert {name: reason.split(".")[0] for name, reason in reasons.items()} == {
        "en/dangling.md": "It cannot be opened (No such file or directory)",
        "en/link.md": "It is a link to a file outside the corpus",
        "en/pipe.md": "It is not a regular file",
        "en/to-folder": "It is a link to a folder",
    }


def test_an_unreadable_file_or_folder_is_rejected(make_corpus: MakeCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_corpus({"a.md": "Text.", "closed/b.md": "Text."})
    scandir = os.scandir

    def refuse_read(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    def refuse_folder(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(Path, "read_bytes", refuse_read)
    monkeypatch.setattr(os, "scandir", refuse_folder)
    rejected = {bad.path: bad.reason for bad in read_corpus(root).rejected}
    assert "It cannot be opened (Permission denied)" in rejected["a.md"]
    assert "The folder cannot be opened (Permission denied)" in rejected["closed"]


def test_loose_files_with_one_name_or_a_bad_name_are_rejected(tmp_path: Path) -> None:
    paths = [tmp_path / "1" / "a.md", tmp_path / "2" / "a.md", tmp_path / os.fsdecode(b"\xff.md")]
    for number, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"Text {number}.")
    reading = read_files(paths, groups=frozenset({"staff"}))
    assert [(d.id, d.text, d.groups) for d in reading.documents] == [("a.md", "Text 0.", frozenset({"staff"}))]
    assert {bad.path for bad in reading.rejected} == {"a.md", "\\udcff.md"}
