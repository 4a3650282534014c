"""Further ways to people: a webhook and e-mail. What they do not take stays in the queue, with the reason."""

import asyncio
import hashlib
import hmac
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from ragstone_customer_service.handoff.queue import Queue
from ragstone_customer_service.handoff.records import Packet, Ticket

_TRIES = 3
_FIRST_WAIT_SECONDS = 0.5
_TIMEOUT_SECONDS = 10.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class DeliveryError(Exception):
    """A way did not take the packet. The message holds nothing of it."""


class Way(Protocol):
    """How a packet reaches people."""

    @property
    def name(self) -> str:
        """What it is called in the ticket."""
        ...

    async def deliver(self, packet: Packet) -> None:
        """Hand a packet over.

        Raises:
            DeliveryError: it was not taken.
        """
        ...


class WebhookSettings(BaseModel):
    """A service that takes tickets as JSON. Plain HTTP is for this machine alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    secret: SecretStr = Field(min_length=16)

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in _LOOPBACK):
            raise ValueError("it should begin with https://")
        return url


class MailSettings(BaseModel):
    """A mail server with STARTTLS, and who gets the tickets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    to: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    user: str = ""
    password: SecretStr = SecretStr("")
    starttls: bool = True


class Webhook:
    """Posts the packet as JSON.

    ``Idempotency-Key`` is the packet's id; ``X-Ragstone-Signature`` is ``sha256=`` and the HMAC-SHA256 of the body with
    the shared secret, in hexadecimal. Server errors and broken connections are tried again, refusals are not.
    """

    name = "webhook"

    def __init__(self, settings: WebhookSettings, wait: float = _FIRST_WAIT_SECONDS) -> None:
        self._settings = settings
        self._wait = wait

    async def deliver(self, packet: Packet) -> None:
        """Post it, up to three times."""
        import httpx

        body = packet.model_dump_json().encode()
        secret = self._settings.secret.get_secret_value().encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": packet.id,
            "X-Ragstone-Signature": f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}",
        }
        problem = ""
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client:
            for attempt in range(_TRIES):
                if attempt:
                    await asyncio.sleep(self._wait * 2 ** (attempt - 1))
                try:
                    response = await client.post(self._settings.url, content=body, headers=headers)
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    problem = type(error).__name__
                    continue
                if response.is_success:
                    return
                problem = f"status {response.status_code}"
                if response.status_code < 500:
                    break
        raise DeliveryError(f"the webhook did not take it ({problem})")


class Mail:
    """Sends the packet as a plain-text message; the subject holds nothing of the user."""

    name = "mail"

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def deliver(self, packet: Packet) -> None:
        """Send it in a thread, because the library blocks."""
        try:
            await asyncio.to_thread(self._send, message(packet, self._settings))
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(f"the mail server did not take it ({type(error).__name__})") from error

    def _send(self, mail: EmailMessage) -> None:
        settings = self._settings
        with smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT_SECONDS) as server:
            if settings.starttls:
                server.starttls(context=ssl.create_default_context())
            if settings.user:
                server.login(settings.user, settings.password.get_secret_value())
            server.send_message(mail)


def message(packet: Packet, settings: MailSettings) -> EmailMessage:
    """The mail for a packet: what a person reads first comes first, the whole packet as JSON after it."""
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.sender, settings.to
    mail["Subject"] = f"[{packet.reason}] Ragstone ticket {packet.id[:8]} ({packet.language})"
    facts = "\n".join(f"- {fact.kind}: {fact.text}" for fact in packet.facts)
    steps = "\n".join(f"- {step.text} -> {step.answer}" for step in packet.steps)
    mail.set_content("\n\n".join(part for part in (packet.summary, facts, steps) if part))
    mail.add_attachment(packet.model_dump_json(indent=1), subtype="json", filename=f"{packet.id}.json")
    return mail


async def hand_over(packet: Packet, queue: Queue, ways: Sequence[Way]) -> Ticket:
    """Put the packet into the queue, then send it every further way; a way that fails is noted and loses nothing."""
    ticket = queue.add(packet)
    for way in ways:
        try:
            await way.deliver(packet)
        except DeliveryError as error:
            ticket = queue.note(ticket, way.name, str(error))
        else:
            ticket = queue.note(ticket, way.name)
    return ticket
