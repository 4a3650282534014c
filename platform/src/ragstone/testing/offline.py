"""No network while code under test runs.

An audit hook, so that it holds for every library that uses Python's sockets, in every thread. Addresses of this machine
are refused too; sockets of the file system are no network.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_SENDERS = ("socket.connect", "socket.sendto", "socket.sendmsg")


class OfflineError(ConnectionError):
    """Something tried to reach a network where none may be used."""


@dataclass(eq=False)  # each block is its own, however alike they are
class Offline:
    """``attempts``: what was to be reached, ``host:port`` or the name that was looked up, in order."""

    attempts: list[str] = field(default_factory=list[str])


_guards: list[Offline] = []


@contextmanager
def offline() -> Generator[Offline]:
    """Refuse and record every attempt to reach a network in this block. Of nested blocks the inner one records."""
    _install()
    guard = Offline()
    _guards.append(guard)
    try:
        yield guard
    finally:
        _guards.remove(guard)


@cache
def _install() -> None:
    """Once a process: an audit hook cannot be taken away, so without a guard it does nothing."""
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _guards and event.startswith("socket."):
        wanted = _wanted(event, arguments)
        if wanted:
            _guards[-1].attempts.append(wanted)
            raise OfflineError(f"{wanted} is not to be reached: there is no network here.")


def _wanted(event: str, arguments: tuple[Any, ...]) -> str:
    """Where the event leads, or nothing for one that reaches no network."""
    if event in _LOOKUPS:
        return _name(arguments[0])
    if event in _SENDERS and isinstance(arguments[1], tuple):  # a socket of the file system has a path instead
        address = cast("tuple[Any, ...]", arguments[1])
        return f"{_name(address[0])}:{address[1]}"
    return ""


def _name(host: Any) -> str:
    return host.decode(errors="replace") if isinstance(host, bytes) else str(host)
