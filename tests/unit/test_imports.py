"""The late import names what to install, and hides no other failure."""

import math
from pathlib import Path

import pytest

from ragstone.errors import MissingDependencyError
from ragstone.imports import require


def test_a_module_that_is_there() -> None:
    assert require("math", "all") is math


@pytest.mark.parametrize("module", ["no_such_package", "no_such_package.part", "没有这个包"])
def test_an_absent_package_is_named_with_its_extra(module: str) -> None:
    with pytest.raises(
        MissingDependencyError, match=rf"'{module}' is not installed. Run: pip install 'ragstone\[index\]'"
    ):
        require(module, "index")


def test_what_a_present_package_lacks_is_its_own_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_installed.py").write_text("import no_such_package")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        require("half_installed", "index")
