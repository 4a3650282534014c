"""No network where none may be used."""

import contextlib
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from ragstone.testing.offline import OfflineError, _audit, offline

pytest_plugins = "pytester"


def test_a_quiet_block_within_another_leaves_it_whole() -> None:
    with offline() as outer:
        with offline():
            pass
        with pytest.raises(OfflineError):
            socket.create_connection(("192.0.2.1", 80))
    assert outer.attempts == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("reach", "told"),
    [
        (lambda: socket.create_connection(("127.0.0.1", 9)), "127.0.0.1"),
        (lambda: socket.socket().connect(("127.0.0.1", 9)), "127.0.0.1:9"),
        (lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)), "192.0.2.1:53"),
        (lambda: socket.socket(socket.AF_INET6).connect(("::1", 80)), "::1:80"),
        (lambda: socket.getaddrinfo(b"plants.invalid", 80), "plants.invalid"),
        (lambda: socket.gethostbyname("plants.invalid"), "plants.invalid"),
    ],
)
def test_every_way_out_is_closed_and_noted(reach: Any, told: str) -> None:
    with offline() as guard, pytest.raises(OfflineError, match="there is no network here"):
        reach()
    assert guard.attempts == [told]


@pytest.mark.parametrize(
    ("event", "arguments", "told"),
    [
        ("socket.connect", (None, ("192.0.2.1", 80)), ["192.0.2.1:80"]),
        ("socket.sendmsg", (None, (b"::1", 53, 0, 0)), ["::1:53"]),
        ("socket.connect", (None, "/run/socket"), []),
        ("socket.sendmsg", (None, None), []),
        ("socket.bind", (None, ("", 80)), []),
        ("open", ("192.0.2.1", "r", 0), []),
    ],
)
def test_which_events_lead_to_a_network(event: str, arguments: Any, told: list[str]) -> None:
    with offline() as guard, contextlib.suppress(OfflineError):
        _audit(event, arguments)  # Python does not trace what it calls itself
    assert guard.attempts == told


def test_threads_too_and_of_nested_blocks_the_inner_one() -> None:
    def reach() -> None:
        with pytest.raises(ConnectionError):
            socket.create_connection(("127.0.0.1", 9))

    with offline() as outer:
        with offline() as inner:
            thread = threading.Thread(target=reach)
            thread.start()
            thread.join()
        assert (outer.attempts, inner.attempts) == ([], ["127.0.0.1"])
        reach()
        assert outer.attempts == ["127.0.0.1"]


def test_what_is_no_network_stays_open(tmp_path: Path) -> None:
    with offline() as guard, socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
    assert guard.attempts == []


def test_afterwards_the_network_is_there_again() -> None:
    with offline():
        pass
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_a_test_that_catches_the_error_fails_all_the_same(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(
        """
        import contextlib, socket

        def test_quiet(ragstone_offline):
            assert ragstone_offline.attempts == []

        def test_sly(ragstone_offline):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", 9))
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*The test tried to reach 127.0.0.1.*"])
