from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from ragstone.errors import ModelNotPulledError
from ragstone.models import serving
from ragstone.models.serving import open_chat_model
from ragstone.settings import ModelSettings, PathSettings, Settings


class Store:
    def path(self, name: str) -> Path:
        if name == "absent":
            raise ModelNotPulledError(name)
        return Path("/models") / name


class Server:
    made: ClassVar[list["Server"]] = []

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.running = False
        Server.made.append(self)

    base_url = "http://127.0.0.1:1/v1"
    api_key = SecretStr("random")
    log_path = Path("logs/model-server.log")

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


@pytest.fixture(autouse=True)
def fake_server(monkeypatch: pytest.MonkeyPatch) -> None:
    Server.made = []
    monkeypatch.setattr(serving, "EmbeddedServer", Server)


def settings(**models: Any) -> Settings:
    return Settings(models=ModelSettings(**models), paths=PathSettings(data=Path("/data")))


async def test_embedded_runs_a_server_as_long_as_the_context() -> None:
    async with open_chat_model(settings(chat="small", threads=3, context_length=1024), Store()) as model:
        [server] = Server.made
        assert server.running
        assert server.arguments == (Path("/models/small"), 1024, 3, Path("/data/logs/model-server.log"), 120.0)
        assert model.endpoint.base_url == server.base_url
        assert model.endpoint.api_key == server.api_key
        assert model.endpoint.log_path == server.log_path
        assert model.endpoint.context_length == 1024
    assert not server.running


async def test_the_server_stops_when_the_body_fails() -> None:
    async def fail() -> None:
        async with open_chat_model(settings(), Store()):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert not Server.made[0].running


async def test_a_model_that_is_not_pulled_starts_nothing() -> None:
    with pytest.raises(ModelNotPulledError, match="ragstone models pull absent"):
        async with open_chat_model(settings(chat="absent"), Store()):
            pass
    assert not Server.made


async def test_external_only_connects() -> None:
    external = settings(profile="external", base_url="http://vllm:8000/v1", api_key="k", chat="qwen", retries=5)
    async with open_chat_model(external, Store()) as model:
        endpoint = model.endpoint
    assert not Server.made
    assert (endpoint.base_url, endpoint.model, endpoint.retries) == ("http://vllm:8000/v1", "qwen", 5)
    assert endpoint.api_key.get_secret_value() == "k"
    assert endpoint.context_length is None, "the server is asked, not the default of our own"


async def test_external_with_a_context_length_of_its_own() -> None:
    async with open_chat_model(settings(profile="external", context_length=2048), Store()) as model:
        assert model.endpoint.context_length == 2048
