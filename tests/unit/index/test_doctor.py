import json
from pathlib import Path

import numpy as np
import pytest

from ragstone.index.doctor import doctor
from ragstone.index.generations import _sealed_files
from ragstone.index.vectors import VectorIndex

NONE = np.empty(0, dtype=np.int64)


def generation(index) -> Path:
    return index.info().path / "generations" / "1"


def reseal(folder: Path, **facts: object) -> None:
    """Write a manifest that fits the files, so that only the contents are wrong."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").unlink()
    seals = {name: seal.model_dump() for name, seal in _sealed_files(folder).items()}
    (folder / "manifest.json").write_text(json.dumps(manifest | facts | {"files": seals}), encoding="utf-8")


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def problems(index, embedder=None) -> str:
    findings = doctor(index.info().path, embedder)
    assert all(finding.severity == "error" and "ragstone index build" in finding.remedy for finding in findings)
    return "\n".join(finding.problem for finding in findings)


def test_a_whole_index_is_well(index, embedder, document, cut) -> None:
    assert doctor(index.info().path, embedder) == []
    index.add([document("new", "新")], cut([document("new", "新")]))
    index.delete(["dose"])
    assert doctor(index.info().path, embedder) == []


def test_no_index(tmp_path) -> None:
    assert [finding.problem for finding in doctor(tmp_path / "none")] == ["No generation is current."]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("content", "problem"), [("x", "CURRENT holds no number"), ("9", "manifest of generation 9")])
def test_the_pointer(tmp_path, index, content: str, problem: str) -> None:
    path = index.info().path
    (path / "CURRENT").write_text(content, encoding="utf-8")
    [finding] = doctor(path)
    assert problem in finding.problem
    assert finding.remedy == f"Run: ragstone index build {path.parent.name}/index"


@pytest.mark.parametrize("name", ["documents.jsonl", "vectors.faiss", "lexical/data.csc.index.npy"])
def test_checksums(index, name: str) -> None:
    file = generation(index) / name
    file.write_bytes(file.read_bytes()[:-3])
    assert problems(index) == f"File '{name}' of generation 1 is missing or differs from its checksum."


def test_another_embedder(index, new_embedder) -> None:
    assert "Built with embedder 'hash' (hash-64), in use is 'other' (other-64)." in problems(
        index, new_embedder("other")
    )


def test_counts(index) -> None:
    reseal(generation(index), documents=7, passages=11)
    found = problems(index)
    assert "6 documents where the manifest has 7" in found
    for kind in ("passages", "vectors", "lexical rows"):
        assert f"10 {kind} where the manifest has 11" in found


def test_orphan_vectors_and_bare_passages(index) -> None:
    file = generation(index) / "vectors.faiss"
    vectors = VectorIndex.load(file).changed(np.asarray([3]), np.asarray([90]), np.ones((1, 64), dtype=np.float32))
    vectors.save(file)
    reseal(generation(index))
    found = problems(index)
    assert "1 vectors belong to no passage." in found
    assert "1 passages have no vector." in found
    assert "counter of vector numbers" in found


def test_a_passage_without_its_document(index) -> None:
    file = generation(index) / "documents.jsonl"
    file.write_text("".join(lines(file)[:-1]), encoding="utf-8")
    reseal(generation(index))
    assert "A passage belongs to document '工资', which is not there." in problems(index)


def test_a_passage_beyond_its_document(index) -> None:
    file = generation(index) / "documents.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("错误代码", "错误"), encoding="utf-8")
    reseal(generation(index))
    assert problems(index) == "A passage of document '退货' ends beyond its text."


def test_ids_that_stand_twice(index) -> None:
    for name in ("documents.jsonl", "passages.jsonl"):
        file = generation(index) / name
        file.write_text("".join([*lines(file), lines(file)[0]]), encoding="utf-8")
    reseal(generation(index))
    found = problems(index)
    for kind in ("document id", "passage", "vector number"):
        assert f"1 times a {kind} stands more than once." in found


def test_unreadable_contents(index) -> None:
    (generation(index) / "passages.jsonl").write_text("{}\n", encoding="utf-8")
    reseal(generation(index))
    assert problems(index) == "Generation 1 cannot be read (ValidationError)."


def test_leftovers_are_no_error(index) -> None:
    path = index.info().path
    for name in ("2.partial", "2"):
        (path / "generations" / name).mkdir()
    index.delete(["unknown"])
    findings = doctor(path)
    assert [finding.severity for finding in findings] == ["warning", "warning"]
    assert "rm -r" in findings[0].remedy
    index.delete(["dose"])
    assert doctor(path) == []
