"""Corpora that plugins ship: found without an import, and the operator's own go first."""

import json
import shutil
import sys
from typing import Any

import pytest

from ragstone.errors import PluginError, UsageError
from ragstone.sdk.locations import corpus_folder, corpus_folders
from ragstone.sdk.manifest import read_manifest
from ragstone.settings import Settings, load_settings

SHIPPED = "garden/corpora/garden/beds"
PARK = 'sdk_version = "1.0"\n# minimum_host_version = "0.1.0"\n# ///\nraise SystemExit("imported")\n'


def test_the_corpus_of_the_page_is_listed_sealed_and_indexed(garden: Any, house: Any) -> None:
    garden("corpora", "plugin")
    assert "garden/beds" in house.run("corpora", "list").out
    assert house.run("corpora", "seal", "garden/beds").code == 0
    assert "ok garden/beds" in house.run("corpora", "check").out
    card = (house.root / SHIPPED / "card.toml").read_text("utf-8")
    assert "documents = 4" in card
    assert 'title_zh = "花圃"' in card
    assert house.run("index", "build", "garden/beds").code == 0
    assert (house.root / ".ragstone/indexes/garden/beds").is_dir()
    assert "garden" not in sys.modules


@pytest.mark.parametrize(("query", "found"), [("tomatoes", "en/watering.md"), ("番茄", "zh/watering.md")])
def test_it_is_searched_as_the_operators_own(garden: Any, house: Any, query: str, found: str) -> None:
    garden("corpora", "plugin")
    house.run("index", "build", "garden/beds")
    shown = house.run("index", "search", "garden/beds", query, "-k", "1", "--mode", "lexical")
    assert shown.code == 0, shown.err
    assert found in shown.out


def test_documents_of_groups_are_not_there_for_others(garden: Any, house: Any) -> None:
    garden("corpora", "plugin")
    house.run("index", "build", "garden/beds")
    command = ("index", "search", "garden/beds", "钥匙 keys", "-k", "9")
    assert "keys.md" not in house.run(*command).out
    assert "zh/keys.md" in house.run(*command, "--group", "keepers").out


def test_the_operators_corpus_replaces_a_shipped_one(garden: Any, house: Any) -> None:
    garden("corpora", "plugin")
    own = house.root / "corpora/garden/beds"
    shutil.copytree(house.root / SHIPPED, own)
    folders = corpus_folders(load_settings())
    assert folders["garden/beds"].resolve() == own
    assert corpus_folder("garden/beds", load_settings()).resolve() == own


@pytest.mark.parametrize("allowed", ['["library"]', '["garden", "library"]'])
def test_the_corpora_of_plugins_that_may_not_run_are_not_there(garden: Any, house: Any, allowed: str) -> None:
    garden("corpora", "plugin")
    house.set("PLUGINS", allowed)
    load_settings.cache_clear()
    assert ("garden/beds" in corpus_folders(load_settings())) == ("garden" in json.loads(allowed))


def test_nor_are_those_of_plugins_that_do_not_fit(garden: Any, house: Any) -> None:
    garden("corpora")
    house.write("garden/garden.py", "# /// ragstone\n# " + PARK.replace("1.0", "2.0"))
    assert read_manifest(house.root / "garden/garden.py").misfit()
    with pytest.raises(UsageError, match="No corpus is called 'garden/beds'"):
        corpus_folder("garden/beds", load_settings())


def test_two_plugins_with_one_corpus_are_refused(garden: Any, house: Any) -> None:
    garden("corpora", "plugin")
    shutil.copytree(house.root / "garden/corpora", house.root / "park/corpora")
    house.write("park/park.py", "# /// ragstone\n# " + PARK)
    house.set("PATHS__PLUGINS", '["garden", "park"]')
    load_settings.cache_clear()
    with pytest.raises(PluginError, match="Plugins 'garden' and 'park' both ship a corpus 'garden/beds'"):
        corpus_folders(load_settings())
    assert "both ship a corpus" in house.run("corpora", "list").message


def test_files_in_one_folder_ship_its_corpora_together(garden: Any, house: Any) -> None:
    """A folder of single files has one ``corpora/`` folder."""
    garden("corpora", "plugin")
    house.write("garden/park.py", "# /// ragstone\n# " + PARK)
    assert "garden/beds" in corpus_folders(Settings(paths={"plugins": ["garden"]}))
