"""A plugin that keeps the contract passes, in both forms."""

import sys
import time
from typing import Any

import pytest

BOTH = ("spans", "empty", "groups", "deletion", "injection")
ONCE = ("manifest", "name", "network", "imports", "load", "languages", "schema", "gold", "gate")


@pytest.mark.parametrize("form", ["package", "single"])
def test_every_test_of_the_kit_passes(form: str, request: pytest.FixtureRequest) -> None:
    garden: Any = request.getfixturevalue(form)
    started, modules, path = time.process_time(), set(sys.modules), list(sys.path)
    results = garden.check()
    assert [(name, result.told) for name, result in results.items() if result.outcome != "ok"] == []
    assert set(results) == {*ONCE, *(f"{name}[{language}]" for name in BOTH for language in ("en", "zh"))}
    assert time.process_time() - started < 10
    assert not {name for name in set(sys.modules) - modules if "garden" in name}
    assert sys.path == path
