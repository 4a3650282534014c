"""What the doctor of the whole machine says, and that one sick part does not hide the others."""

from typing import Any

import pytest


@pytest.fixture
def ready(house: Any) -> Any:
    """A house in which nothing is wrong."""
    house.monkeypatch.setattr("ragstone.cli.doctor.default_models", lambda: [])
    house.set("PLUGINS", '["library"]')
    house.monkeypatch.setattr("shutil.disk_usage", lambda place: type("Usage", (), {"free": 5e9}))
    return house


def test_all_is_well(ready: Any) -> None:
    shown = ready.run("doctor")
    assert shown.code == 0, shown.out
    assert "✗" not in shown.out


def test_every_trouble_is_named_with_its_remedy(house: Any) -> None:
    house.set("PATHS__DATA", "elsewhere")
    house.monkeypatch.setattr("shutil.disk_usage", lambda place: type("Usage", (), {"free": 1e9}))
    house.monkeypatch.setattr("ragstone.cli.doctor.find_spec", lambda name: None)
    house.monkeypatch.setattr("ragstone.sdk.registry.entry_points", lambda group: ())
    shown = house.run("doctor")
    assert shown.code == 1
    for remedy in (
        "ragstone models pull qwen2.5-coder-1.5b-instruct-q4",
        "ragstone index build town/library",
        "pip install ragstone-customer-service",
        "pip install ragstone-console",
        "RAGSTONE_PATHS__MODELS",
    ):
        assert remedy in shown.out
    assert "6 things need mending" in shown.message


def test_a_check_that_cannot_go_on_does_not_stop_the_others(ready: Any) -> None:
    ready.install("library", "plugin = 1")
    shown = ready.run("doctor")
    assert "Two plugins are called 'library'" in shown.out
    assert "✓ disk" in shown.out


def test_an_allowed_name_that_nobody_bears(ready: Any) -> None:
    ready.set("PLUGINS", '["library", "图书馆"]')
    assert "allows '图书馆', which is not installed" in ready.run("doctor").out


def test_settings_of_a_plugin_that_is_not_here(ready: Any) -> None:
    ready.set("PLUGIN__LIBARY__COLOUR", "绿")
    assert "[plugin.libary] sets a plugin that is not here" in ready.run("doctor").out


def test_a_plugin_that_does_not_load(ready: Any) -> None:
    ready.write("坏/bad.py", '# /// ragstone\n# sdk_version = "2.0"\n# minimum_host_version = "0.1.0"\n# ///\n')
    ready.set("PATHS__PLUGINS", '["坏"]')
    ready.set("PLUGINS", '["library", "bad"]')
    assert "plugin 'bad' does not load" in ready.run("doctor").out


def test_wrong_settings_are_told_once(ready: Any) -> None:
    ready.set("MODELS__PROFILE", "模型")
    shown = ready.run("doctor")
    assert shown.code == 2
    assert shown.out == ""
    assert shown.message.startswith("Setting 'models.profile'")


def test_a_sick_index(ready: Any) -> None:
    next(ready.index.rglob("vectors.faiss")).write_bytes(b"x")
    shown = ready.run("doctor")
    assert "differs from its checksum" in shown.out
    assert "ragstone index build town/library" in shown.out


def test_an_external_server(ready: Any) -> None:
    ready.ask_server()
    assert ready.run("doctor").code == 0
    ready.ask_server(status=500)
    assert "does not serve: HTTPStatusError" in ready.run("doctor").out
