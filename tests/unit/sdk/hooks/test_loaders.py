"""Loaders: other formats become documents, and nothing that is left out goes untold."""

import sys
from pathlib import Path
from typing import Any

import pytest

DATES = "garden/corpora/garden/beds/documents/dates.ics"


def test_the_loader_of_the_page_reads_into_an_index(garden: Any, house: Any) -> None:
    garden("corpora", "loaders")
    built = house.run("index", "build", "garden/beds")
    assert "dates.ics" in built.out + built.err
    assert "Its date is not YYYYMMDD." in built.out + built.err
    for query, document in {"Plant sale": "20270501", "番茄节": "20270910"}.items():
        shown = house.run("index", "search", "garden/beds", query, "-k", "1", "--mode", "lexical")
        assert f"dates.ics#{document}" in shown.out
    assert "Harvest" not in house.run("index", "search", "garden/beds", "Harvest", "--mode", "lexical").out


def test_loose_files_are_read_by_it_too(garden: Any, house: Any) -> None:
    garden("corpora", "loaders")
    house.write("借书日.ics", "DTSTART:20270601\nSUMMARY:借书日\n")
    assert house.run("index", "add", "town/library", "借书日.ics").code == 0
    assert "借书日.ics#20270601" in house.run("index", "search", "town/library", "借书日", "--mode", "lexical").out


def test_it_is_imported_only_when_such_a_file_comes(garden: Any, house: Any) -> None:
    garden("corpora", "loaders")
    (house.root / DATES).unlink()
    assert house.run("index", "build", "garden/beds").code == 0
    assert house.run("index", "build", "town/library").code == 0
    assert "garden" not in sys.modules


def test_without_the_plugin_the_suffix_is_not_known(garden: Any, house: Any) -> None:
    garden("corpora", "loaders")
    house.set("PLUGINS", '["library"]')
    house.write("dates.ics", "x")
    shown = house.run("index", "add", "town/library", "dates.ics")
    assert "Its suffix is not one of" in shown.out + shown.err


def other(house: Any, suffix: str) -> None:
    """A second plugin that reads ``suffix``."""
    head = '# /// ragstone\n# sdk_version = "1.0"\n# minimum_host_version = "0.1.0"\n# [loaders]\n'
    house.write("garden/park.py", f'{head}# "{suffix}" = "park:load"\n# ///\nraise SystemExit("imported")\n')


@pytest.mark.parametrize(
    ("suffix", "told"),
    [
        (".ics", "Plugin 'park' declares a loader for .ics, which garden reads."),
        (".md", "Plugin 'park' declares a loader for .md, which ragstone reads."),
    ],
)
def test_a_suffix_has_one_reader(garden: Any, house: Any, suffix: str, told: str) -> None:
    garden("corpora", "loaders")
    other(house, suffix)
    shown = house.run("index", "build", "garden/beds")
    assert (shown.code, shown.message) == (1, f"{told} Mend its manifest.")


def changed(house: Any, old: str, new: str) -> Any:
    """Build with a loader that is written otherwise, over an index that is there."""
    assert "all others are indexed" in house.run("index", "build", "garden/beds").message
    path: Path = house.root / "garden/garden.py"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    sys.modules.pop("garden", None)
    return house.run("index", "build", "garden/beds")


@pytest.mark.parametrize("failure", ["SystemExit(3)", "ValueError('番茄')", "RecursionError", "KeyError('tomatoes')"])
def test_a_file_that_a_loader_fails_at_is_told_and_the_others_are_read(garden: Any, house: Any, failure: str) -> None:
    garden("corpora", "loaders")
    shown = changed(house, "    return loaded\n", f"    raise {failure}\n")
    told = f"The loader of plugin 'garden' failed: {failure.partition('(')[0]} at garden.py:"
    assert told in shown.out + shown.err
    assert "tomatoes" not in shown.out + shown.err
    assert "番茄" not in shown.out + shown.err
    assert "4 documents" in shown.out


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    return loaded\n", "    return loaded.documents\n", "gave a list where Loaded is due"),
        ("    return loaded\n", "    import no_such_package\n", "'no_such_package' is not installed"),
        ("garden:load_calendar", "garden:no_such_loader", "does not load: AttributeError"),
    ],
)
def test_a_loader_that_breaks_the_contract_ends_the_build_and_keeps_the_index(
    garden: Any, house: Any, old: str, new: str, told: str
) -> None:
    garden("corpora", "loaders")
    shown = changed(house, old, new)
    assert shown.code == 1
    assert told in shown.message
    assert "番茄节" in house.run("index", "search", "garden/beds", "番茄节", "--mode", "lexical").out


@pytest.mark.parametrize(("content", "told"), [(b"", "It is empty."), (b" \n", "It is empty."), (b"SUMMARY:x", "")])
def test_a_file_that_cannot_be_read_never_comes(garden: Any, house: Any, content: bytes, told: str) -> None:
    garden("corpora", "loaders")
    house.write(DATES, content)
    built = house.run("index", "build", "garden/beds")
    assert told in built.out + built.err
    assert ("garden" in sys.modules) == (not told)
