"""compose.yaml against the Compose specification, and against the files it names."""

from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(TEXT)["services"]


def problems(text: str) -> str:
    merged = yaml.safe_dump(yaml.safe_load(text))  # the checker knows no YAML merge keys; Compose does
    try:
        spec = PyCompose.from_yaml(merged)
        spec.validate()
        spec.to_spec()
    except ValueError as error:
        return str(error)
    return ""


def test_it_keeps_to_the_compose_specification() -> None:
    assert problems(TEXT) == ""


def test_the_check_can_fail() -> None:
    assert problems(TEXT.replace("ipc: host", "ipcc: host"))
    assert problems(TEXT.replace("condition: service_healthy", "condition: whenever"))


def test_a_gpu_serves_vllm_and_the_cpu_profile_needs_none() -> None:
    devices = SERVICES["vllm"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices[0]["capabilities"] == ["gpu"]
    assert SERVICES["console"]["depends_on"]["vllm"]["condition"] == "service_healthy"
    assert SERVICES["console-cpu"]["profiles"] == ["cpu"]
    assert "depends_on" not in SERVICES["console-cpu"]


@pytest.mark.parametrize("name", ["console", "console-cpu"])
def test_only_loopback_of_the_host_is_opened(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])
    assert "ports" not in SERVICES["vllm"]


def test_the_image_is_made_of_files_that_are_there() -> None:
    dockerfile = ROOT / SERVICES["console-cpu"]["build"]["dockerfile"]
    ignored = (ROOT / ".dockerignore").read_text().split()
    copied = [line.split()[1] for line in dockerfile.read_text().splitlines() if line.startswith("COPY")]
    assert copied
    for source in copied:
        assert (ROOT / source).exists()
        assert source not in ignored
    assert (ROOT / "ui/start.sh").exists()


def test_the_console_in_the_image_knows_only_real_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from ragstone.settings import Settings

    for name, value in SERVICES["console"]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.models.profile == "external"
    assert settings.models.base_url == "http://vllm:8000/v1"
