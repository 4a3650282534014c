"""The queue and the ways out of it: a real HTTP service, a real mail server, and none at all."""

import asyncio
import hashlib
import hmac
import json
import stat
import threading
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from ragstone.sdk import PluginError, UsageError
from ragstone_customer_service.handoff.delivery import Mail, MailSettings, Webhook, WebhookSettings, hand_over
from ragstone_customer_service.handoff.queue import Queue
from ragstone_customer_service.handoff.records import Packet

SECRET = "a-secret-of-this-test"  # noqa: S105


def packet(language: str = "en", user: str = "") -> Packet:
    summary = "A kettle leaks." if language == "en" else "水壶漏水。"
    return Packet(language=language, reason="asked", summary=summary, user=user)  # type: ignore[arg-type]


class Service:
    """An HTTP service that answers with ``statuses`` in turn (the last one for ever), and remembers what came."""

    def __init__(self, *statuses: int) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                service.requests.append(({key.lower(): value for key, value in self.headers.items()}, body))
                self.send_response(statuses[min(len(service.requests), len(statuses)) - 1])
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Not to standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/tickets"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "tickets")


def way(url: str) -> Webhook:
    return Webhook(WebhookSettings(url=url, secret=SecretStr(SECRET)), wait=0.0)


@pytest.fixture
def services() -> Iterator[list[Service]]:
    started: list[Service] = []
    yield started
    for service in started:
        service.close()


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_webhook_gets_the_signed_packet(queue: Queue, services: list[Service], language: str) -> None:
    services.append(service := Service(503, 200))
    sent = packet(language)
    ticket = await hand_over(sent, queue, [way(service.url)])
    assert set(ticket.delivered) == {"webhook"}
    headers, body = service.requests[-1]
    assert len(service.requests) == 2
    assert Packet.model_validate_json(body) == sent
    assert headers["idempotency-key"] == sent.id
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-ragstone-signature"] == f"sha256={signature}"


@pytest.mark.parametrize(
    ("statuses", "tries", "why"), [((500,), 3, "status 500"), ((403,), 1, "status 403"), ((302,), 1, "status 302")]
)
async def test_what_a_webhook_refuses_stays_in_the_queue(
    queue: Queue, services: list[Service], statuses: tuple[int, ...], tries: int, why: str
) -> None:  # fmt: skip
    services.append(service := Service(*statuses))
    ticket = await hand_over(packet("zh"), queue, [way(service.url)])
    assert ticket.failed == {"webhook": f"the webhook did not take it ({why})"}
    assert len(service.requests) == tries
    assert queue.tickets("open") == [ticket]


async def test_nobody_listens(queue: Queue) -> None:
    ticket = await hand_over(packet(), queue, [way("http://127.0.0.1:1/")])
    assert "ConnectError" in ticket.failed["webhook"]


@pytest.mark.parametrize("url", ["http://example.org/hook", "ftp://127.0.0.1/", "example.org"])
def test_a_webhook_without_encryption_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="it should begin with https://"):
        WebhookSettings(url=url, secret=SecretStr(SECRET))


async def mail_server(received: list[bytes]) -> asyncio.Server:
    """As much of SMTP as a client needs that sends one message."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 test")
        while line := (await reader.readline()).decode().strip():
            if line.upper().startswith("DATA"):
                await say("354 go on")
                received.append(await reader.readuntil(b"\r\n.\r\n"))
            elif line.upper().startswith("QUIT"):
                await say("221 bye")
                break
            await say("250 ok")
        writer.close()

    return await asyncio.start_server(talk, "127.0.0.1", 0)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_mail_is_sent(queue: Queue, language: str) -> None:
    received: list[bytes] = []
    async with await mail_server(received) as server:
        port = server.sockets[0].getsockname()[1]
        settings = MailSettings(
            host="127.0.0.1", port=port, sender="bot@shop.test", to="desk@shop.test", starttls=False
        )
        sent = packet(language, user="ana")
        ticket = await hand_over(sent, queue, [Mail(settings)])
    assert set(ticket.delivered) == {"mail"}
    mail = message_from_bytes(received[0])
    assert "ana" not in str(mail["Subject"])
    text, attached = mail.get_payload()
    assert sent.summary in text.get_payload(decode=True).decode()
    assert json.loads(attached.get_payload(decode=True))["id"] == sent.id


async def test_a_mail_server_that_is_away(queue: Queue) -> None:
    settings = MailSettings(host="127.0.0.1", port=1, sender="bot@shop.test", to="desk@shop.test")
    ticket = await hand_over(packet(), queue, [Mail(settings), way("http://127.0.0.1:1/")])
    assert set(ticket.failed) == {"mail", "webhook"}
    assert queue.get(ticket.packet.id) == ticket


def test_tickets_are_taken_and_closed(queue: Queue) -> None:
    first, second = queue.add(packet("en")), queue.add(packet("zh"))
    assert queue.tickets("open") == [first, second]
    taken = queue.take(first.packet.id, "小王")
    assert (taken.status, taken.taken_by) == ("taken", "小王")
    with pytest.raises(UsageError, match="is taken"):
        queue.take(first.packet.id, "Ben")
    assert queue.close(first.packet.id).status == "closed"
    assert [ticket.status for ticket in queue.tickets()] == ["closed", "open"]


def test_a_slow_delivery_leaves_a_taken_ticket_taken(queue: Queue) -> None:
    ticket = queue.add(packet("zh"))
    queue.take(ticket.packet.id, "小王")
    noted = queue.note(ticket, "webhook")
    assert (noted.status, noted.taken_by, set(noted.delivered)) == ("taken", "小王", {"webhook"})


def test_a_way_that_works_later_takes_the_failure_back(queue: Queue) -> None:
    failed = queue.note(queue.add(packet()), "webhook", "status 500")
    assert queue.note(failed, "webhook").failed == {}


@pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "", "工单"])
def test_a_ticket_that_is_not_there(queue: Queue, name: str) -> None:
    with pytest.raises(UsageError, match="no such ticket"):
        queue.get(name)


def test_tickets_of_a_user_are_erased(queue: Queue) -> None:
    queue.add(packet(user="ana"))
    queue.add(packet(user="ben"))
    queue.add(packet())
    assert queue.erase("") == 0
    assert queue.erase("ana") == 1
    assert [ticket.packet.user for ticket in queue.tickets()] == ["ben", ""]


def test_files_are_private_and_faults_told(queue: Queue, tmp_path: Path) -> None:
    ticket = queue.add(packet())
    folder = tmp_path / "tickets"
    path = folder / f"{ticket.packet.id}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    path.write_text("{}")
    with pytest.raises(PluginError, match="cannot be read"):
        queue.tickets()
    (tmp_path / "file").write_text("")
    with pytest.raises(PluginError, match="cannot be written"):
        Queue(tmp_path / "file").add(packet())
