import contextlib
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from ragstone.errors import IndexStoreError
from ragstone.index import generations as module
from ragstone.index.filters import Filter
from ragstone.index.generations import Generations
from ragstone.index.hybrid import Index

CALLS = ("mkdir", "open", "fsync", "rename", "replace", "rmdir", "unlink")


class Crash(BaseException):
    """Not an Exception, as a killed process is not."""


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int, error: type[BaseException]) -> Iterator[int]:
    """Let the call number ``step`` that changes the disk fail; the number of calls is what was taken from the count."""
    count = itertools.count()
    for name in CALLS:
        real = getattr(os, name)

        def failing(*arguments, real=real, **options):
            if next(count) == step:
                raise error(28, "No space left on device")
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, failing)
    return count


def reseal(folder: Path) -> None:
    manifest = Generations(folder.parent.parent).manifest(1)
    (folder / "manifest.json").unlink()
    sealed = manifest.model_copy(update={"files": module._sealed_files(folder)})
    (folder / "manifest.json").write_text(sealed.model_dump_json(), encoding="utf-8")


def texts(index: Index) -> set[str]:
    found = index.search("退款 Refunds dose", 50, Filter(groups=frozenset(["hr"])), "dense").evidence
    return {evidence.passage.text for evidence in found}


@pytest.mark.parametrize("error", [Crash, OSError])
def test_a_crash_at_any_step_leaves_a_whole_generation(index, document, cut, embedder, monkeypatch, error) -> None:
    path = index.info().path
    new = [document("new", "Brand new.\n全新。")]
    old_texts = texts(index)
    for step in itertools.count():
        work = path.parent / f"copy{step}"
        shutil.copytree(path, work)
        writer = Index.open(work, embedder)
        with monkeypatch.context() as patch:
            count = crash_at(patch, step, error)
            with contextlib.suppress(Crash, IndexStoreError):
                writer.add(new, cut(new))
        survived = next(count) <= step
        opened = Index.open(work, embedder)
        assert texts(opened) in (old_texts, old_texts | {"Brand new.", "全新。"})
        assert texts(writer) == texts(opened)
        opened.add(new, cut(new))
        assert texts(opened) == old_texts | {"Brand new.", "全新。"}
        assert len(list((work / "generations").iterdir())) <= 2
        shutil.rmtree(work)
        if survived:
            break
    assert step > 20


KILLED = """
import os, sys
from pathlib import Path
sys.path[:0] = {paths!r}
import importlib.util
spec = importlib.util.spec_from_file_location("fakes", {fakes!r})
fakes = importlib.util.module_from_spec(spec); spec.loader.exec_module(fakes)
from ragstone.index.hybrid import Index
index = Index.open(Path({path!r}), fakes.HashEmbedder())
real = os.{call}
os.{call} = lambda *a, **o: os._exit(9)
index.delete(["returns"])
"""


@pytest.mark.parametrize("call", ["fsync", "rename", "replace"])
def test_a_killed_process_holds_nobody_up(index, embedder, call: str) -> None:
    path = index.info().path
    program = KILLED.format(
        paths=sys.path, fakes=str(Path(__file__).with_name("conftest.py")), path=str(path), call=call
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    assert "returns" in Index.open(path, embedder).document_ids()
    assert index.delete(["returns"]) == 1
    assert "returns" not in Index.open(path, embedder).document_ids()


def test_only_the_previous_generation_is_kept(index, document, cut) -> None:
    folder = index.info().path / "generations"
    for number in range(3):
        new = [document(f"n{number}", "text 文")]
        index.add(new, cut(new))
    assert sorted(entry.name for entry in folder.iterdir()) == ["3", "4"]
    index.delete(["n0"])
    assert [entry.name for entry in folder.iterdir()] == ["5"]


def test_one_writer_at_a_time(index, monkeypatch) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.05)
    path = index.info().path
    with FileLock(path / "LOCK"), pytest.raises(IndexStoreError, match="another process"):
        index.delete(["dose"])
    assert index.delete(["dose"]) == 1


def test_a_reader_looks_again_when_its_generation_went_away(index, embedder, monkeypatch) -> None:
    path = index.info().path
    real, deleted = Generations.manifest, []

    def manifest(self: Generations, number: int):
        if not deleted:
            deleted.append(index.delete(["dose"]))
        return real(self, number)

    monkeypatch.setattr(Generations, "manifest", manifest)
    assert "dose" not in Index.open(path, embedder).document_ids()


@pytest.mark.parametrize(
    "name", ["documents.jsonl", "passages.jsonl", "vectors.faiss", "lexical/tokens.npy", "lexical/vocab.index.json"]
)
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_file_is_refused(index, embedder, name: str, damage: str) -> None:
    path = index.info().path
    file = path / "generations" / "1" / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "remove":
        file.unlink()
    else:
        file.write_bytes(content if damage == "flip" else content[:-1])
    with pytest.raises(IndexStoreError, match=rf"{name} of generation 1 .*Run: ragstone index doctor .*/index"):
        Index.open(path, embedder)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("CURRENT", "seven", "CURRENT holds no number"),
        ("CURRENT", "7", "manifest of generation 7"),
        ("generations/1/manifest.json", "{}", "manifest of generation 1"),
    ],
)
def test_a_damaged_pointer_or_manifest_is_refused(index, embedder, file: str, content: str, message: str) -> None:
    path = index.info().path
    (path / file).write_text(content, encoding="utf-8")
    with pytest.raises(IndexStoreError, match=message):
        Index.open(path, embedder)


def test_whole_files_that_do_not_fit_together_are_refused(index, embedder) -> None:
    path = index.info().path
    (path / "generations" / "1" / "passages.jsonl").write_text("{}", encoding="utf-8")
    reseal(path / "generations" / "1")
    with pytest.raises(IndexStoreError, match="generation 1 cannot be read"):
        Index.open(path, embedder)


def test_a_format_of_the_future_is_refused(index, embedder) -> None:
    path = index.info().path
    manifest = path / "generations" / "1" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"format": 1', '"format": 2'), encoding="utf-8")
    with pytest.raises(IndexStoreError, match="has format 2, this version reads 1"):
        Index.open(path, embedder)


def test_everything_is_on_the_disk_before_what_points_at_it(index, monkeypatch) -> None:
    path, events = index.info().path, []
    real_sync, real_rename, real_replace = module._sync, Path.rename, os.replace

    def rename(self: Path, target: Path) -> Path:
        events.append("RENAME")
        return real_rename(self, target)

    def replace(source: Path, target: Path) -> None:
        events.append("REPLACE")
        real_replace(source, target)

    monkeypatch.setattr(module, "_sync", lambda entry: (events.append(entry.name), real_sync(entry)))
    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(os, "replace", replace)
    index.delete(["dose"])
    renamed = events.index("RENAME")
    assert {"manifest.json", "documents.jsonl", "vectors.faiss", "lexical", "2.partial"} <= set(events[:renamed])
    assert events[renamed:] == ["RENAME", "generations", "CURRENT.new", "REPLACE", path.name]


def test_what_another_wrote_while_we_embedded_is_kept(index, embedder, document, cut) -> None:
    other, new = Index.open(index.info().path, embedder), [document("new", "新的")]
    index.add(new, cut(new), lambda done, total: other.delete(["dose"]))
    assert "dose" not in index.document_ids()
    assert "new" in index.document_ids()
