"""``ragstone plugins check`` and ``ragstone plugins seal``, as their user meets them."""

import json
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("quick")


@pytest.mark.parametrize("form", ["package", "single"])
def test_a_good_plugin(form: str, house: Any, request: pytest.FixtureRequest) -> None:
    shown = house.run("plugins", "check", str(request.getfixturevalue(form).path))
    assert shown.code == 0, shown.out
    assert shown.out.endswith("19 ok")


def test_what_is_refused_comes_with_its_message(package: Any, house: Any) -> None:
    package.recode('"en": "Garden", "zh": "园艺"', '"en": "Garden"')
    package.declare('[skip]\ngate = "There is no embedder on this machine."\n')
    shown = house.run("plugins", "check", str(package.path))
    assert shown.code == 1
    assert "languages refused" in shown.out
    assert "gate skipped There is no embedder on this machine." in shown.out
    assert "languages The plugin has no title in 'zh'. Give titles and examples" in shown.out
    assert shown.out.endswith("17 ok, 1 refused, 1 skipped")


def test_what_was_not_run_says_why(package: Any, house: Any) -> None:
    package.change("plugin.toml", '"1.0"', '"3.0"')
    shown = house.run("plugins", "check", str(package.path))
    assert "spans[zh] not run see 'manifest'" in shown.out
    assert shown.out.endswith("1 refused, 18 not run")


def test_nothing_there_and_settings_that_are_wrong(package: Any, house: Any) -> None:
    shown = house.run("plugins", "check", "no/where")
    assert (shown.code, shown.message.startswith("There is nothing at 'no/where'.")) == (2, True)
    house.set("RETRIEVAL__PASSAGES", "0")
    shown = house.run("plugins", "check", str(package.path))
    assert (shown.code, "retrieval.passages" in shown.message) == (2, True)


@pytest.mark.parametrize("command", ["check", "seal"])
def test_pytest_is_missing(command: str, package: Any, house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytest", None)
    shown = house.run("plugins", command, str(package.path))
    assert shown.message == "'pytest' is not installed. Run: pip install 'ragstone[testing]'"


def test_a_run_that_is_broken_off_proves_nothing(package: Any, house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest.main", lambda *_, **__: pytest.ExitCode.INTERRUPTED)
    shown = house.run("plugins", "check", str(package.path))
    assert (shown.code, shown.message) == (1, "The checks were broken off (exit code 2 of pytest). Run them again.")


def test_sealing(package: Any, house: Any) -> None:
    schemas = package.inside / "schemas.json"
    before = schemas.read_text(encoding="utf-8")
    shown = house.run("plugins", "seal", str(package.path))
    assert shown.code == 0
    assert "sealed" in shown.out
    assert f"Next: ragstone plugins check {package.path}" in shown.out
    assert schemas.read_text(encoding="utf-8") == before

    package.recode('    language: str = "en"\n', '    language: str = "en"\n    season: str = ""\n')
    shown = house.run("plugins", "seal", str(package.path))
    assert "compatible: find.input.season: is new" in shown.out
    assert house.run("plugins", "check", str(package.path)).code == 0

    package.recode('    season: str = ""\n', "")
    shown = house.run("plugins", "seal", str(package.path))
    assert shown.code == 2
    assert "Version 1.0.0 was sealed with other schemas (find.input.season: is gone). Raise" in shown.message

    package._replace(package.path / "pyproject.toml", 'version = "1.0.0"', 'version = "2.0.0"')
    assert "Run: ragstone plugins seal" in house.run("plugins", "check", str(package.path)).out
    assert house.run("plugins", "seal", str(package.path)).code == 0
    assert json.loads(schemas.read_text(encoding="utf-8"))["version"] == "2.0.0"
    assert house.run("plugins", "check", str(package.path)).code == 0


def test_a_plugin_without_a_version_is_sealed_anew(single: Any, house: Any) -> None:
    single.recode('# version = "1.0.0"\n', "")
    assert house.run("plugins", "seal", str(single.path)).code == 0
    single.recode("max_length=200", "max_length=100")
    assert "breaking: find.input.topic: maxLength was 200, is 100" in house.run("plugins", "seal", str(single.path)).out
