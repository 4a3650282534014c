from collections.abc import Callable
from pathlib import Path

import pytest

CARD = """# A person's comment.
schema = 1
name = "{name}"
domain = "customer_service"
title = "Help"
title_zh = "帮助"
description = "Help pages."
languages = ["en", "zh"]
licence = "CC-BY-4.0"
provenance = "Written for tests."
"""

MakeCorpus = Callable[..., Path]


@pytest.fixture
def make_corpus(tmp_path: Path) -> MakeCorpus:
    """Make a corpus folder from {path: text or bytes}; ``extra`` goes to the end of its card."""

    def make(files: dict[str, str | bytes], extra: str = "", name: str = "help") -> Path:
        root = tmp_path / name
        (root / "documents").mkdir(parents=True)
        (root / "card.toml").write_text(CARD.format(name=name) + extra, encoding="utf-8")
        for path, content in files.items():
            target = root / "documents" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make
