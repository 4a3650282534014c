"""Where settings come from, which wins, and which are refused."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragstone.errors import SettingsError
from ragstone.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.upper().startswith("RAGSTONE_")]:  # noqa: TID251 (to clear it)
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    monkeypatch.setenv(f"RAGSTONE_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    settings = load_settings()
    assert settings.models.profile == "embedded"
    assert settings.paths.models == Path("/cache/ragstone/models")
    assert settings.paths.indexes == Path(".ragstone/indexes")
    assert settings.paths.logs == Path(".ragstone/logs")
    assert settings.plugins is None
    assert load_settings() is settings


def test_without_a_cache_folder_the_home_holds_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/甲")
    assert load_settings().paths.models == Path("/home/甲/.cache/ragstone/models")


def test_constructor_then_environment_then_file_then_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ragstone.toml").write_text(
        'plugins = ["medical"]\n[paths]\ncorpora = "语料"\n[retrieval]\npassages = 2\ncandidates = 7\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("RAGSTONE_RETRIEVAL__PASSAGES", "3")
    settings = load_settings()
    assert (settings.retrieval.passages, settings.retrieval.candidates) == (3, 7)
    assert settings.paths.corpora == Path("语料")
    assert settings.plugins == ("medical",)
    assert Settings(plugins=("education",)).plugins == ("education",)


def test_the_users_home_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/甲")
    monkeypatch.setenv("RAGSTONE_PATHS__DATA", "~/数据")
    assert load_settings().paths.data == Path("/home/甲/数据")


def test_the_working_directory_is_a_plugin_folder_when_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/甲")
    Path("ragstone.toml").write_text('[paths]\nplugins = [".", "~/插件"]\n', encoding="utf-8")
    assert load_settings().paths.plugins == (Path(), Path("/home/甲/插件"))
    load_settings.cache_clear()
    assert "'paths.plugins': it is empty" in refused(monkeypatch, "PATHS__PLUGINS", '["a", ""]')


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://host/v1", "http://", "http://host:0/v1", "http://a host/v1", "http://[::1/v1"]
)
def test_what_is_no_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert "models.base_url" in refused(monkeypatch, "MODELS__BASE_URL", url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/v1", "https://example.com", "http://[::1]:80/v1", "http://主机/v1"]
)
def test_addresses(url: str) -> None:
    assert Settings.model_validate({"models": {"base_url": url}}).models.base_url == url


@pytest.mark.parametrize("key", ["", "sk secret", "sk-密钥", "sk-secret\n", "sk-\x07"])
def test_a_refused_key_is_not_repeated(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    message = refused(monkeypatch, "MODELS__API_KEY", key)
    assert "models.api_key" in message
    assert "sk" not in message.removeprefix("Setting 'models.api_key'")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODELS__RETRIES", "-1"),
        ("MODELS__START_TIMEOUT", "nan"),
        ("RETRIEVAL__FLOOR", "nan"),
        ("RETRIEVAL__PASSAGES", "0"),
        ("RETRIEVAL__PASSAGE_TOKENS", "481"),
        ("ANSWERING__TEMPERATURE", "-0.1"),
        ("ANSWERING__UNSUPPORTED", "hide"),
    ],
)
def test_values_out_of_range(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert f"'{name.lower().replace('__', '.')}'" in refused(monkeypatch, name, value)


@pytest.mark.parametrize("name", ["ANSWER__SEED", "MODEL", "Plugins_", "路径__DATA"])
def test_misspelt_variables(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert f"'RAGSTONE_{name}' names no setting" in refused(monkeypatch, name, "1")


@pytest.mark.parametrize("name", ["API_KEY", "SERVED_MODEL", "PORT", "SERVICE_HOST"])
def test_variables_of_those_who_start_us_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"RAGSTONE_{name}", "x")
    assert load_settings().models.api_key.get_secret_value() == "none"


def test_names_in_lower_case_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ragstone_models__profile", "external")
    assert load_settings().models.profile == "external"


def test_an_answer_may_be_longer_than_the_unused_default_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGSTONE_ANSWERING__MAX_TOKENS", "5000")
    monkeypatch.setenv("RAGSTONE_MODELS__PROFILE", "external")
    assert load_settings().answering.max_tokens == 5000
    load_settings.cache_clear()
    assert "leaves no room" in refused(monkeypatch, "MODELS__CONTEXT_LENGTH", "4096")
