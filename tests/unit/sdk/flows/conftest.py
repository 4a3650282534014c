"""Sample flows, and a way to write one that differs from a sound one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ragstone.sdk.flows import Flow, load_flows

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def flows() -> dict[str, Flow]:
    return load_flows(SAMPLES)


@pytest.fixture
def heater(flows: dict[str, Flow]) -> Flow:
    return flows["heater"]


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """A sample with some of its text replaced, in a folder of its own."""

    def edit(name: str, *changes: tuple[str, str]) -> Path:
        text = (SAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return edit
