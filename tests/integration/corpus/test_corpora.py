"""The corpora that the project ships: read whole, cut exactly, and every gold quote stands in its document."""

import json
import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from ragstone.corpus.reading import Corpus, read_corpus
from ragstone.corpus.sealing import check, seal
from ragstone.corpus.splitting import split
from ragstone.types import Case

ROOT = Path(__file__).parents[3]
CORPORA = sorted(card.parent for card in ROOT.glob("corpora/*/*/card.toml"))
GOLD = sorted(ROOT.glob("plugins/*/src/*/evals/*.jsonl"))
BY_NAME = {folder.name: folder for folder in CORPORA}
WORD = re.compile(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]")

pytestmark = pytest.mark.integration
each_corpus = pytest.mark.parametrize("folder", CORPORA, ids=lambda folder: folder.name)


@cache
def corpus_of(folder: Path) -> Corpus:
    return read_corpus(folder)


def count_tokens(text: str) -> int:
    return len(WORD.findall(text)) + 2


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_there_are_corpora() -> None:
    assert CORPORA
    assert GOLD


@each_corpus
def test_every_file_is_read_and_its_language_is_that_of_its_folder(folder: Path) -> None:
    corpus = corpus_of(folder)
    assert corpus.rejected == ()
    assert corpus.documents
    assert corpus.languages == set(corpus.card.languages)
    wrong = [d.id for d in corpus.documents if d.id.split("/")[0] in ("en", "zh") and not d.id.startswith(d.language)]
    assert wrong == []
    assert corpus.card.domain == folder.parent.name
    assert not list(folder.rglob("*.py"))


@each_corpus
def test_no_document_shows_damage(folder: Path) -> None:
    damaged = [
        d.id for d in corpus_of(folder).documents if re.search("[\ufffd\x00\ue000-\uf8ff]", d.text) or not d.title
    ]
    assert damaged == []


@each_corpus
@pytest.mark.parametrize(("size", "overlap"), [(160, 24), (40, 8)])
def test_every_passage_is_an_exact_slice_and_nothing_is_lost(folder: Path, size: int, overlap: int) -> None:
    for document in corpus_of(folder).documents:
        passages = split(document, count_tokens, size, overlap)
        position = 0
        for passage in passages:
            span = passage.span
            assert document.text[span.start : span.end] == passage.text, document.id
            assert count_tokens(passage.text) <= size, document.id
            assert not document.text[position : span.start].strip(), document.id
            position = span.end
        assert not document.text[position:].strip(), document.id


@each_corpus
def test_a_seal_holds_and_breaks_with_one_changed_byte(folder: Path, tmp_path: Path) -> None:
    if corpus_of(folder).card.counts is not None:
        assert check(folder) == ()
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    card = seal(copy)
    assert card.counts is not None
    assert card.counts.documents == len(corpus_of(folder).documents)
    assert check(copy) == ()
    name = next(name for name in card.files if name.endswith(".md"))
    with (copy / "documents" / name).open("ab") as file:
        file.write(b"\n")
    assert check(copy) == (f"{name}: changed",)


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_every_gold_quote_stands_in_its_document(path: Path) -> None:
    name = path.name.split(".")[0]
    if name not in BY_NAME:
        pytest.skip("no corpus of that name")
    documents = {document.id: document for document in corpus_of(BY_NAME[name]).documents}
    cases = [Case.model_validate(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]
    assert cases
    assert len({case.id for case in cases}) == len(cases)
    missing: list[str] = []
    for case in cases:
        for evidence in case.evidence:
            document = documents.get(evidence.document)
            if document is None:
                missing.append(f"{case.id}: no document {evidence.document}")
            elif squeezed(evidence.quote) not in squeezed(document.text):
                missing.append(f"{case.id}: {evidence.document} lacks its quote")
            elif document.language != case.language:
                missing.append(f"{case.id}: {evidence.document} is in {document.language}")
    assert missing == []
