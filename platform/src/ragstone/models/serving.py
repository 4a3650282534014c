"""From the settings to a chat model that is ready to answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from ragstone.models.chat import ChatModel, Endpoint
from ragstone.models.server import EmbeddedServer
from ragstone.settings import ModelSettings, Settings


class ModelFiles(Protocol):
    """Where a model's file lies: ``ModelStore``."""

    def path(self, name: str) -> Path:
        """The verified file of a model."""
        ...


@asynccontextmanager
async def open_chat_model(settings: Settings, store: ModelFiles) -> AsyncGenerator[ChatModel]:
    """The chat model of the settings; with the embedded profile, its server runs as long as the context.

    Raises:
        ModelNotPulledError: the embedded model's file is not in the store.
        ServerError: the embedded server does not start. (An external one is asked at the first request.)
    """
    models = settings.models
    if models.profile == "external":
        # the default length is meant for our own server; another one is asked for its own
        length = models.context_length if "context_length" in models.model_fields_set else None
        async with _connected(_endpoint(models, context_length=length)) as model:
            yield model
        return
    server = EmbeddedServer(
        store.path(models.chat),
        models.context_length,
        models.threads,
        settings.paths.logs / "model-server.log",
        models.start_timeout,
    )
    try:
        await asyncio.to_thread(server.start)
        own = {"base_url": server.base_url, "api_key": server.api_key, "log_path": server.log_path}
        async with _connected(_endpoint(models, context_length=models.context_length).model_copy(update=own)) as model:
            yield model
    finally:
        await asyncio.to_thread(server.stop)


def _endpoint(models: ModelSettings, context_length: int | None) -> Endpoint:
    return Endpoint(
        base_url=models.base_url,
        api_key=models.api_key,
        model=models.chat,
        context_length=context_length,
        connect_timeout=models.connect_timeout,
        read_timeout=models.read_timeout,
        retries=models.retries,
    )


@asynccontextmanager
async def _connected(endpoint: Endpoint) -> AsyncGenerator[ChatModel]:
    model = ChatModel(endpoint)
    try:
        yield model
    finally:
        await model.aclose()
