"""The manifest: what the host knows of a plugin before it runs any of its code."""

from pathlib import Path
from typing import Any

import pytest

from ragstone.errors import PluginError
from ragstone.sdk.manifest import Manifest, read_manifest

NEEDED = 'sdk_version = "1.0"\nminimum_host_version = "0.1.0"\n'


def test_the_package_of_the_page_declares_every_hook(garden: Any, house: Any) -> None:
    garden("manifest")
    manifest = read_manifest(house.root / "garden_tools")
    assert (manifest.imports, manifest.adapter) == (("icalendar",), "garden-lora")
    assert manifest.views == {"water": "garden_tools.views:water"}
    assert manifest.scorers == {"steps": "garden_tools.scorers:build_steps"}
    assert manifest.loaders == {".ics": "garden_tools.calendars:load_calendar"}
    assert set(manifest.skip) == {"deletion"}
    assert manifest.misfit() == ""


def test_a_single_file_says_its_version(garden: Any, house: Any) -> None:
    garden("manifest")
    shown = house.run("plugins", "list").out
    assert "garden" in shown
    assert "0.2.0" in shown


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('imports = "secret"', "imports"),
        ('version = "secret"', "version"),
        ('adapter = ""', "adapter"),
        ('[views]\nwater = "secret"', "views.water"),
        ('[views]\n浇水 = "secret:show"', ""),
        ('[views]\n"浇水" = "secret:show"', "views.浇水.[key]"),
        ('[scorers]\nSteps = "secret:build"', "scorers.Steps.[key]"),
        ('[loaders]\n"ics" = "secret:load"', "loaders.ics.[key]"),
        ('[loaders]\n".ICS" = "secret:load"', "loaders..ICS.[key]"),
        ('[loaders]\n".ics" = "secret:load()"', "loaders..ics"),
        ('[skip]\nspans = "secret"', "skip.spans"),
        ('[skip]\nspans = "它不引用任何文档。"', "skip.spans"),
        ('hooks = ["secret"]', "hooks"),
    ],
)
def test_a_wrong_field_is_named_without_its_value(tmp_path: Path, line: str, field: str) -> None:
    (tmp_path / "plugin.toml").write_text(NEEDED + line, encoding="utf-8")
    with pytest.raises(PluginError) as raised:
        read_manifest(tmp_path)
    told = str(raised.value)
    assert f"field '{field}':" in told if field else "is not TOML" in told
    assert "secret" not in told
    assert "Mend" in told


@pytest.mark.parametrize("missing", ["sdk_version", "minimum_host_version"])
def test_both_versions_are_needed(tmp_path: Path, missing: str) -> None:
    lines = [line for line in NEEDED.splitlines() if not line.startswith(missing)]
    (tmp_path / "plugin.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PluginError, match=f"field '{missing}': Field required"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("sdk", "host", "fault"),
    [
        ("1.0", "0.0.9", ""),
        ("1.0", "0", ""),
        ("1.0", "0.1", ""),
        ("1.1", "0.1.0", "needs SDK 1.1"),
        ("0.9", "0.1.0", "for SDK 1, or move it over"),
        ("10.0", "0.1.0", "written for SDK 10.0"),
        ("1.0", "0.100.0", "needs ragstone 0.100.0"),
    ],
)
def test_versions_that_fit_and_versions_that_do_not(sdk: str, host: str, fault: str) -> None:
    misfit = Manifest(sdk_version=sdk, minimum_host_version=host).misfit()
    assert fault in misfit
    assert bool(misfit) == bool(fault)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_any_editor_may_write_it(tmp_path: Path, ending: str, mark: bytes) -> None:
    block = "# /// ragstone\n# # 给主机看的\n#\n" + "".join(f"# {line}\n" for line in NEEDED.splitlines()) + "# ///\n"
    alone = tmp_path / "garden.py"
    for path, text in {alone: block, tmp_path / "plugin.toml": "# 给主机看的\n" + NEEDED}.items():
        path.write_bytes(mark + text.replace("\n", ending).encode())
    assert read_manifest(alone) == read_manifest(tmp_path)


@pytest.mark.parametrize("head", ["# /// script\n# ///\n", "# /// ragstone\n# sdk_version = '1.0'\n", "x = 1\n"])
def test_a_file_without_a_whole_block_is_no_plugin(house: Any, head: str) -> None:
    house.write("garden/garden.py", head)
    house.set("PATHS__PLUGINS", '["garden"]')
    assert "holds no plugin" in house.run("plugins", "list").message


def test_a_wrong_manifest_stays_in_the_list_and_stops_nobody_else(garden: Any, house: Any) -> None:
    garden("plugin", "corpora")
    house.write("garden/park.py", "# /// ragstone\n# sdk_version = 1\n# ///\nraise SystemExit('imported')\n")
    shown = house.run("plugins", "list")
    assert (shown.code, "park: " in shown.out, "field 'sdk_version'" in shown.out) == (0, True, True)
    assert house.run("index", "build", "garden/beds").code == 0
    assert house.run("ask", "library", "一本书可以借多少天？").code == 0
