"""HTTP to a model server: the client, its retries, and its failures as errors that say what to do.

Imports the OpenAI client: only to be imported when a chat model is used.
"""

import re
from asyncio import sleep
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from langchain_openai import ChatOpenAI
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from ragstone.errors import ServerError
from ragstone.models.generation import Endpoint

_KEEPALIVE_SECONDS = 4.0  # llama.cpp and vLLM close an idle connection after 5: never send into a closing one
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError)
_IDENTIFIER = re.compile(r"[A-Za-z_]{1,60}")
_ADVICE = {
    401: "The API key was refused: set RAGSTONE_MODELS__API_KEY.",
    403: "The API key may not use this model: set RAGSTONE_MODELS__API_KEY or choose another models.chat.",
    404: "It serves no such model or path: check models.chat and models.base_url.",
    413: "The request is too large: send fewer or shorter passages.",
    429: "It is busy or a quota is spent: try again later.",
    503: "It is busy or still loading its model: try again later.",
}
_TOO_LONG = "The prompt and max_tokens do not fit the model's context: send fewer passages or lower max_tokens."


class Transport:
    """The clients of one endpoint. Belongs to the event loop that first uses it.

    Only connections are tried again, never what the server answered or was too slow for: a generation when
    it certainly did not reach the server, a look-up (which changes nothing and is cheap) also when the
    connection broke.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._base_url = endpoint.base_url.rstrip("/")
        timeout = httpx2.Timeout(endpoint.read_timeout, connect=endpoint.connect_timeout)
        limits = httpx2.Limits(keepalive_expiry=_KEEPALIVE_SECONDS)
        # A proxy from the environment must not see what is meant for this machine.
        trust = urlsplit(self._base_url).hostname not in _LOOPBACK
        self.langchain = ChatOpenAI(
            model=endpoint.model,
            base_url=self._base_url,
            api_key=endpoint.api_key,
            timeout=timeout,
            stream_chunk_timeout=None,  # the read timeout does this
            max_retries=0,
            stream_usage=True,
            http_client=openai.DefaultHttpxClient(timeout=timeout, limits=limits, trust_env=trust),
            http_async_client=openai.DefaultAsyncHttpxClient(timeout=timeout, limits=limits, trust_env=trust),
        )

    async def get(self, path: str) -> Any:
        """The JSON at ``path``: from the server's root when it begins with "/", else below ``base_url``.

        Raises:
            ServerError: see ``failures``.
        """
        return await self._request("get", path)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send ``body`` as JSON and read JSON.

        Raises:
            ServerError: see ``failures``.
        """
        return await self._request("post", path, body=body)

    async def _request(self, method: str, path: str, **arguments: Any) -> Any:
        client: Any = self.langchain.root_async_client
        url = self._base_url.removesuffix("/v1") + path if path.startswith("/") else path
        with self.failures():
            async for attempt in self.attempts(_connection_failed):
                with attempt:
                    return await getattr(client, method)(url, cast_to=object, **arguments)

    def attempts(self, retriable: Callable[[BaseException], bool] | None = None) -> AsyncRetrying:
        """Tries with exponential waits and jitter between them; by default only after failing to connect."""
        return AsyncRetrying(
            stop=stop_after_attempt(self._endpoint.retries + 1),
            wait=wait_exponential_jitter(multiplier=0.5, max=8.0, jitter=0.5),
            sleep=sleep,
            retry=retry_if_exception(retriable or _never_connected),
            reraise=True,
        )

    @contextmanager
    def failures(self) -> Generator[None]:
        """Turn a client's exceptions into ``ServerError``.

        The server's own words are left out (they may repeat the prompt), and so is the chained exception.
        """
        try:
            yield
        except openai.APIStatusError as error:
            raise ServerError(self._status_message(error.status_code, error)) from None
        except (openai.APITimeoutError, httpx2.TimeoutException) as error:
            raise ServerError(self._timeout_message(error)) from None
        except openai.APIConnectionError as error:
            if _never_connected(error):
                message = f"No model server answers at {self._base_url}. Start it, or check models.base_url."
            else:
                message = f"The model server at {self._base_url} closed the connection. Is it still running?"
            raise ServerError(message + self._log_hint()) from None
        except httpx2.TransportError:
            raise ServerError(
                f"The model server at {self._base_url} broke off in the middle of an answer. Is it still running?"
                + self._log_hint()
            ) from None
        except openai.APIError as error:
            raise ServerError(self._reported_message(error)) from None
        except _MALFORMED:
            raise ServerError(
                f"What answers at {self._base_url} does not speak the OpenAI protocol. Check models.base_url "
                "(it usually ends in /v1)."
            ) from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self.langchain.root_async_client.close()
        self.langchain.root_client.close()

    def _status_message(self, status: int, error: openai.APIError) -> str:
        kind = error.type if error.type and _IDENTIFIER.fullmatch(error.type) else "no further type"
        advice = _ADVICE.get(status, "Its log says why." if status >= 500 else "")
        if status in (400, 422):
            advice = _TOO_LONG if _says_too_long(error) else "It refuses a schema, grammar or option of this request."
        head = f"The model server at {self._base_url} answered {status} ({kind})."
        return f"{head} {advice}".rstrip() + self._log_hint()

    def _reported_message(self, error: openai.APIError) -> str:
        """Once it streams, a server can report an error only inside the stream; vLLM puts the status there."""
        code = str(error.code)
        if code.isdecimal():
            return self._status_message(int(code), error)
        reason = _TOO_LONG if _says_too_long(error) else "Its log says why."
        return f"The model server at {self._base_url} reported an error while it answered. {reason}{self._log_hint()}"

    def _timeout_message(self, error: Exception) -> str:
        if _never_connected(error):
            return (
                f"No connection to {self._base_url} within {self._endpoint.connect_timeout:g} seconds. "
                "Check models.base_url, or raise models.connect_timeout." + self._log_hint()
            )
        return (
            f"The model server at {self._base_url} was silent for {self._endpoint.read_timeout:g} seconds. "
            "It may be overloaded; raise models.read_timeout, or send fewer requests at once." + self._log_hint()
        )

    def _log_hint(self) -> str:
        return f" Log: {self._endpoint.log_path}" if self._endpoint.log_path else ""


def _never_connected(error: BaseException) -> bool:
    """Whether the connection itself failed, so that nothing was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _connection_failed(error: BaseException) -> bool:
    """Whether there was no connection, or it broke before an answer began."""
    broke = isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError)
    return broke or _never_connected(error)


def _says_too_long(error: openai.APIError) -> bool:
    words = f"{error.type} {error.code} {error.message}".lower()
    return any(sign in words for sign in ("context size", "context length", "max_model_len", "context_length"))
