import io
import zipfile
from pathlib import Path

import docx
import fpdf
import pypdf
import pytest
from docx.oxml import parse_xml

from ragstone.corpus.loaders import load_file
from ragstone.corpus.loaders.decoding import decode
from ragstone.corpus.loaders.pdf import _join
from ragstone.errors import CorpusError
from ragstone.types import Document

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ENGLISH = "The customer’s refund is paid within 14 days."
CHINESE = "客服热线每天八点到二十点开放，退货需在七天内提出。"


def read(tmp_path: Path, name: str, data: str | bytes) -> Document:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    (document,) = load_file(path, f"en/{name}")
    return document


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32") for text in (ENGLISH, CHINESE)]
    + [
        (ENGLISH, "cp1252"),
        ("Café – 5 €, naïve", "cp1252"),
        (CHINESE, "gb18030"),
        ("退货政策", "gb18030"),
        ("請在七天內退貨，逾期恕不受理。", "big5"),
    ],
)
def test_text_is_decoded_from_what_english_and_chinese_files_use(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_every_line_end_becomes_a_line_feed() -> None:
    assert decode("一\r\n二\r三\n".encode()) == "一\n二\n三\n"


@pytest.mark.parametrize(
    ("name", "text", "title", "language"),
    [
        ("a.md", "Intro.\n\n## Returns ##\n\nSend it.", "Returns", "en"),
        ("a.md", "前言。\n\n## 退货\n\n请寄回。", "退货", "zh"),
        ("notes.txt", "# not a heading here", "notes", "en"),
        ("plain.md", "没有标题。", "plain", "zh"),
    ],
)
def test_text_files_are_kept_whole(tmp_path: Path, name: str, text: str, title: str, language: str) -> None:
    document = read(tmp_path, name, text)
    assert (document.text, document.title, document.language) == (text, title, language)
    assert document.metadata == {"path": f"en/{name}", "format": name[-3:].strip(".")}


PAGE = """<!doctype html><html><head><meta charset="{charset}"><title>Page</title>
<style>/* .kept {{display:none}} */ .gone, .x::: {{ color: red }} .gone {{ display : none }}
a:::b {{display:none}} @media print {{ .kept {{ display:none }} }}</style></head>
<body><header><nav>MENU</nav></header><main><h1>{title}<br>2026</h1><p>{text}<!-- COMMENT --><script>SCRIPT()</script>
<p class=gone>GONE</p><p class=kept>Kept</p><p hidden>HIDDEN</p><div style="Display: None">STYLED<p>STYLED</p></div>
<ul><li>{item}<ul><li>inner</li></ul></li></ul><ol start="3"><li>three</li><li><p>four</p></li></ol>
<ol start=x><li>one</li></ol>
<table><caption>{item}</caption><thead><tr><th>{head}</th><th>B</th></tr></thead>
<tr><td>5<b>元</b></td><td><p>x</p><p>y</p></td></tr><tr hidden><td>ROW</td></tr><tr></tr></table>
<table><tr><td><h2>Layout</h2>inside</td></tr></table>
<pre>
a  b
  c<span hidden>PRE</span></pre></main><footer>FOOT</footer></body></html>"""


@pytest.mark.parametrize(
    ("charset", "title", "text", "item", "head", "language"),
    [
        ("utf-8", "Returns", "Send it back when you like.", "the box", "Item", "en"),
        ("windows-1252", "Customer’s returns", "Send “it” back when you like.", "the café", "Item", "en"),
        (
            "gb2312",
            "退货说明",
            "七天内可以退货，请保留发票和包装，我们会在三天内退款到您的账户里。",
            "包装",
            "项目",
            "zh",
        ),
        ("gb18030", "退货", "七天内可以退货。", "包装", "项目", "zh"),
    ],
)
def test_html_becomes_what_a_reader_sees(
    tmp_path: Path, charset: str, title: str, text: str, item: str, head: str, language: str
) -> None:
    page = PAGE.format(charset=charset, title=title, text=text, item=item, head=head)
    if charset == "windows-1252":
        page = page.replace("元", "€")
    document = read(tmp_path, "page.HTM", page.encode({"gb2312": "gb18030"}.get(charset, charset)))
    sign = "€" if charset == "windows-1252" else "元"
    assert document.text == (
        f"# {title} 2026\n\n{text}\n\nKept\n\n- {item}\n- inner\n3. three\n4. four\n1. one\n\n{item}\n\n"
        f"| {head} | B |\n| --- | --- |\n| 5{sign} | x y |\n\n## Layout\n\ninside\n\n```\na  b\n  c\n```"
    )
    assert (document.title, document.metadata["format"], document.language) == (f"{title} 2026", "html", language)


def test_html_without_a_heading_has_the_pages_title_and_deep_pages_are_read(tmp_path: Path) -> None:
    document = read(tmp_path, "a.html", "<title> My\npage </title>" + "<div>" * 5000 + "deep 深")
    assert (document.title, document.text) == ("My page", "deep 深")


def make_pdf(lines: list[str], title: str = "") -> bytes:
    pdf = fpdf.FPDF()
    pdf.set_font("helvetica", size=12)
    for line in lines:
        pdf.add_page()
        pdf.multi_cell(0, 6, line)
    if title:
        pdf.set_title(title)
    return bytes(pdf.output())


def test_pdf_pages_are_parted_by_form_feeds(tmp_path: Path) -> None:
    document = read(tmp_path, "a.pdf", make_pdf(["Fees\nIt costs 5 dollars.", "Second page of the text."], "Our fees"))
    assert document.text == "Fees\n\nIt costs 5 dollars.\fSecond page of the text."
    assert document.title == "Our fees"
    assert document.metadata == {"path": "en/a.pdf", "format": "pdf", "pages": 2}
    assert read(tmp_path, "b.pdf", make_pdf(["Fees\n5 dollars."])).title == "Fees"
    assert read(tmp_path, "c.pdf", make_pdf(["long line " * 9])).title == "c"


def test_pdf_pages_without_text_are_counted_and_an_empty_password_opens(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(make_pdf(["Some text."])))
    writer.add_blank_page()
    writer.encrypt("", "owner", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    document = read(tmp_path, "a.pdf", buffer.getvalue())
    assert document.text == "Some text."
    assert (document.metadata["pages"], document.metadata["pages_without_text"]) == (2, 1)


@pytest.mark.parametrize(
    ("pages", "paragraphs"),
    [
        (
            ["退货政策", "自签收之日起七天内可以无理由退货，请", "保留发票。", "运费由买家承担"],
            ["退货政策", "自签收之日起七天内可以无理由退货，请保留发票。", "运费由买家承担"],
        ),
        (
            ["七天内可以退货并且要保留好发", "票和全部包装。运费由我们付。", "例外", "特价品"],
            ["七天内可以退货并且要保留好发票和全部包装。运费由我们付。\n例外", "特价品"],
        ),
        (["七天内可以退货并且要带好发", "1. 发票和包装"], ["七天内可以退货并且要带好发\n1. 发票和包装"]),
        (["七天内可以退货，\f并且包邮。"], ["七天内可以退货，\f并且包邮。"]),
        (["七天内可以退货，并且全额退款。", "运费\f二"], ["七天内可以退货，并且全额退款。\n运费", "\f二"]),
        (["Send it back in thirty", "days of the delivery."], ["Send it back in thirty\ndays of the delivery."]),
        (["Returns", "Send it back within thirty days"], ["Returns", "Send it back within thirty days"]),
        (["one", "", "two"], ["one", "two"]),
    ],
)
def test_pdf_lines_become_paragraphs(pages: list[str], paragraphs: list[str]) -> None:
    assert _join("\n".join(pages).split("\f")) == "\n\n".join(paragraphs)


@pytest.mark.parametrize(
    ("heading", "first", "second", "item", "cells"),
    [
        ("Returns", "Send it.", "Two", "the box", ("Plan", "Fee", "Basic", "5 dollars")),
        ("退货", "请寄回。", "二", "包装", ("套餐", "费用", "基础", "五元")),
    ],
)
def test_docx_structure_becomes_markdown(
    tmp_path: Path, heading: str, first: str, second: str, item: str, cells: tuple[str, ...]
) -> None:
    source = docx.Document()
    source.add_heading(heading, 0)
    source.add_heading(second, 2)
    source.add_paragraph(first)
    source.add_paragraph("")
    source.add_paragraph(item, style="List Bullet")
    source.add_paragraph(item, style="List Number")
    table = source.add_table(2, 2)
    for cell, text in zip((c for row in table.rows for c in row.cells), cells, strict=True):
        cell.text = text
    table.rows[1].cells[1].add_paragraph("+")
    source.add_table(1, 1).rows[0].cells[0].text = item
    body = source.element.body
    body.insert(-1, parse_xml(f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>sdt</w:t></w:r></w:p></w:sdtContent></w:sdt>"))
    body.insert(-1, parse_xml(
        f"<w:p {W}><w:ins><w:r><w:t>in</w:t><w:tab/><w:t>s</w:t><w:br/></w:r></w:ins>"
        "<w:del><w:r><w:delText>DEL</w:delText></w:r></w:del><w:r><w:t>end</w:t></w:r></w:p>"
    ))  # fmt: skip
    path = tmp_path / "a.docx"
    source.save(str(path))
    (document,) = load_file(path, "a.docx")
    assert document.text == (
        f"# {heading}\n\n## {second}\n\n{first}\n\n- {item}\n- {item}\n\n| {cells[0]} | {cells[1]} |\n| --- | --- |\n"
        f"| {cells[2]} | {cells[3]} + |\n\n| {item} |\n\nsdt\n\nin\ts\nend"
    )
    assert document.title == heading


def test_docx_footnotes_are_read_and_a_text_box_is_read_once(tmp_path: Path) -> None:
    source = docx.Document()
    source.core_properties.title = "Named"
    source.add_paragraph("Body.")
    box = '<w:p {0}><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    box += (
        "<mc:Choice><w:p><w:r><w:t>Box</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>Box</w:t></w:r></w:p>"
    )
    source.element.body.insert(-1, parse_xml(box.format(W) + "</mc:Fallback></mc:AlternateContent></w:r></w:p>"))
    plain = io.BytesIO()
    source.save(plain)
    target = tmp_path / "a.docx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode("utf-8", "surrogateescape")
            if name == "word/_rels/document.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
                link = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
                content = content.replace("</Relationships>", link)
            new.writestr(name, content.encode("utf-8", "surrogateescape"))
        note = '<w:footnote w:id="{}"><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:footnote>'
        notes = f"<w:footnotes {W}>{note.format(0, '')}{note.format(2, '脚注')}</w:footnotes>"
        new.writestr("word/footnotes.xml", notes)
    (document,) = load_file(target, "a.docx")
    assert (document.text, document.title) == ("Body.\n\nBox\n\n[^2]: 脚注", "Named")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_rows_become_documents(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["ID", "Question", "Answer", "category", "groups"],
        ["faq-1", "How long?", '"Three days.\nIslands five."', "delivery", ""],
        ["faq-2", "多久？", "三天。", "配送", '"staff; hr"' if delimiter == ";" else "staff; hr"],
    ]
    path = tmp_path / "faq.csv"
    path.write_text("\ufeff" + "\r\n".join(delimiter.join(row) for row in rows), encoding="utf-8")
    english, chinese = load_file(path, "en/faq.csv")
    assert (english.id, english.text, english.title) == (
        "en/faq.csv#faq-1",
        "How long?\nThree days.\nIslands five.",
        "How long?",
    )
    assert english.metadata == {"path": "en/faq.csv", "format": "csv", "category": "delivery"}
    assert (chinese.language, chinese.text, chinese.groups) == ("zh", "多久？\n三天。", frozenset({"staff", "hr"}))


def test_jsonl_rows_keep_their_plain_values(tmp_path: Path) -> None:
    path = tmp_path / "labs.jsonl"
    path.write_text(
        '{"id": 7, "title": "Sodium", "text": "133 to 146", "unit": "mmol/L", "year": 2026, "limit": 1.5, "on": true, '
        '"tags": ["a", 2], "none": null, "groups": ["staff"]}\n'
        '{"id": "b", "question": "血钠？", "answer": "133～146", "text": "more"}\n',
        encoding="utf-8",
    )
    first, second = load_file(path, "labs.jsonl")
    kept = {"unit": "mmol/L", "year": 2026, "limit": 1.5, "on": True, "tags": "a;2"}
    assert first.metadata == {"path": "labs.jsonl", "format": "jsonl", **kept}
    assert (first.id, first.groups) == ("labs.jsonl#7", frozenset({"staff"}))
    assert (second.text, second.metadata["text"], second.language) == ("血钠？\n133～146", "more", "zh")


def test_a_text_of_numbers_takes_the_default_language(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "12 34").language == "en"
    with pytest.raises(CorpusError, match="cannot be opened"):
        load_file(tmp_path / "none.md", "none.md")


@pytest.mark.parametrize("charset", ["shift_jis", "us-ascii", "latin1"])
def test_a_declared_charset_is_respected(tmp_path: Path, charset: str) -> None:
    words = "これは日本語です。" if charset == "shift_jis" else "naïve “café”"
    encoding = charset if charset == "shift_jis" else "cp1252"
    page = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}"><p>{words}'.encode(encoding)
    assert read(tmp_path, "a.html", page).text == words


def test_a_damaged_page_of_a_pdf_rejects_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(page: object) -> str:
        raise KeyError("/Contents")

    monkeypatch.setattr(pypdf.PageObject, "extract_text", fail)
    with pytest.raises(CorpusError, match=r"not a whole PDF \(KeyError\)"):
        read(tmp_path, "a.pdf", make_pdf(["Text."]))
