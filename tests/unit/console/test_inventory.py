import pytest

from ragstone.settings import PathSettings, Settings
from ragstone_console import inventory

CARD = """schema = 1
name = "{name}"
domain = "shop"
title = "Help"
title_zh = "帮助"
description = "d"
languages = ["en", "zh"]
licence = "CC0-1.0"
provenance = "p"
"""


@pytest.fixture
def settings(tmp_path):
    for name in ("good", "bad"):
        folder = tmp_path / "corpora" / "shop" / name
        folder.mkdir(parents=True)
        (folder / "card.toml").write_text(CARD.format(name="good"), encoding="utf-8")
    paths = PathSettings(corpora=tmp_path / "corpora", data=tmp_path / "data", models=tmp_path / "m")
    return Settings(paths=paths, plugins=())


def index(settings, name: str) -> None:
    from datetime import UTC, datetime

    from ragstone.index.generations import Manifest

    folder = settings.paths.indexes / name
    (folder / "generations" / "3").mkdir(parents=True)
    (folder / "CURRENT").write_text("3")
    manifest = Manifest(
        embedder="e5",
        fingerprint="f",
        dimension=4,
        documents=2,
        passages=5,
        languages=frozenset({"en"}),
        next_number=5,
        generation=3,
        created=datetime(2026, 1, 2, tzinfo=UTC),
        files={},
    )
    (folder / "generations" / "3" / "manifest.json").write_text(manifest.model_dump_json())


def test_a_broken_card_does_not_hide_the_others(settings) -> None:
    bad, good = inventory.corpora(settings)
    assert (good.card.title, good.card.title_zh) == ("Help", "帮助")
    assert bad.card is None
    assert "card.toml" in bad.problem


def test_corpora_that_plugins_ship_are_listed_too(settings, tmp_path) -> None:
    folder = tmp_path / "plugins"
    shipped = folder / "corpora" / "shop" / "shipped"
    shipped.mkdir(parents=True)
    (shipped / "card.toml").write_text(CARD.format(name="shipped"), encoding="utf-8")
    block = '# /// ragstone\n# sdk_version = "1.0"\n# minimum_host_version = "0.1.0"\n# ///\n'
    (folder / "shop.py").write_text(block, encoding="utf-8")
    paths = settings.paths.model_copy(update={"plugins": (folder,)})
    hosting = settings.model_copy(update={"paths": paths, "plugins": ("shop",)})
    assert [state.name for state in inventory.corpora(hosting)] == ["shop/bad", "shop/good", "shop/shipped"]


@pytest.mark.parametrize(("language", "title"), [("en", "Help"), ("zh", "帮助")])
def test_the_corpora_of_a_plugin_bear_their_titles(settings, plugin, language, title) -> None:
    own = plugin.model_copy(update={"corpora": ("shop/good", "shop/bad", "shop/gone")})
    named = {"shop/good": title, "shop/bad": "shop/bad", "shop/gone": "shop/gone"}
    assert list(inventory.corpus_titles(own, settings, language).items()) == list(named.items())
    every = plugin.model_copy(update={"corpora": ()})
    assert inventory.corpus_titles(every, settings, language) == {"shop/bad": "shop/bad", "shop/good": title}


def test_indexes_built_missing_damaged_and_of_other_corpora(settings) -> None:
    index(settings, "shop/good")
    index(settings, "elsewhere/old")
    index(settings, "shop/bad")
    (settings.paths.indexes / "shop" / "bad" / "CURRENT").write_text("9")
    old, bad, good = inventory.indexes(settings)
    assert (old.name, old.generation) == ("elsewhere/old", 3)
    assert (good.generation, good.passages, good.embedder) == (3, 5, "e5")
    assert bad.generation is None
    assert "shop/bad" in bad.problem


def test_an_index_that_was_never_built_has_no_problem(settings) -> None:
    assert [(state.generation, state.problem) for state in inventory.indexes(settings)] == [(None, ""), (None, "")]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:secret@host:8000/v1", "http://host:8000/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
    ],
)
def test_credentials_of_an_address_are_not_shown(url: str, shown: str) -> None:
    assert inventory.without_credentials(url) == shown
