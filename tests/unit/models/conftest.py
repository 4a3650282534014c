import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ragstone.models import sources
from ragstone.models.catalog import Catalog, ModelEntry, WheelPart
from ragstone.models.store import ModelStore

CONTENT = bytes(range(256)) * 16384  # each half is more than is copied at a time
HALF = len(CONTENT) // 2


def entry(**changes) -> ModelEntry:
    fields = {
        "name": "tiny",
        "role": "chat",
        "format": "gguf",
        "languages": ("en", "zh"),
        "licence": "MIT",
        "artifact": "tiny.gguf",
        "revision": "1",
        "context_length": 128,
        "size": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "sources": ({"kind": "pypi", "members": ("tiny-a==1!data/a.bin", "tiny-b==1!data/b.bin")},),
    }
    return ModelEntry.model_validate(fields | changes)


def embedder_entry(**changes) -> ModelEntry:
    fields = {"role": "embedder", "format": "nano-e5", "dimension": 4, "max_tokens": 16, "pooling": "mean"}
    return entry(**(fields | changes))


def write_wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


class Index:
    """Stands for the package index: what pip would fetch, and what it was asked for."""

    def __init__(self) -> None:
        self.wheels: dict[str, dict[str, bytes]] = {
            "tiny-a": {"data/a.bin": CONTENT[:HALF]},
            "tiny-b": {"data/b.bin": CONTENT[HALF:]},
        }
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda distribution: None
        self.damaged: set[str] = set()

    def download(self, part: WheelPart, wheel: Path, tell: Callable[[float], None]) -> None:
        self.asked.append(part.distribution)
        self.before(part.distribution)
        if part.distribution not in self.wheels:
            raise sources.SourceError(f"No matching distribution found for {part}")
        tell(0.5)
        write_wheel(wheel, self.wheels[part.distribution])
        if part.distribution in self.damaged:
            damage(wheel)


def damage(wheel: Path) -> None:
    """Change one byte of the first member's content."""
    content = bytearray(wheel.read_bytes())
    content[60] ^= 0xFF
    wheel.write_bytes(content)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Index:
    index = Index()
    monkeypatch.setattr(sources, "_download_wheel", index.download)
    return index


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., ModelStore]:
    return lambda *entries: ModelStore(tmp_path / "models", Catalog(model=entries or (entry(),)))
