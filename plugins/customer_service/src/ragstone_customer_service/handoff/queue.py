"""The local queue: a file for each ticket, private, written whole or not at all. Nothing gets lost."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from ragstone.sdk import PluginError, UsageError
from ragstone_customer_service.handoff.records import Packet, Status, Ticket

_WAIT_SECONDS = 10.0


class Queue:
    """Tickets in a folder. Methods raise ``PluginError`` when a file cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, packet: Packet) -> Ticket:
        """A new ticket."""
        ticket = Ticket(packet=packet)
        self._write(ticket)
        return ticket

    def tickets(self, status: Status | None = None) -> list[Ticket]:
        """Tickets, oldest first; ``status`` None: all of them."""
        every = [self._read(path) for path in sorted(self._folder.glob("*.json"))]
        chosen = [ticket for ticket in every if status is None or ticket.status == status]
        return sorted(chosen, key=lambda ticket: ticket.packet.created)

    def take(self, ticket_id: str, agent: str) -> Ticket:
        """Give a ticket to a person.

        Raises:
            UsageError: there is no such ticket, or somebody has it already.
        """
        with self._alone(ticket_id) as ticket:
            if ticket.status != "open":
                raise UsageError(f"Ticket {ticket_id} is {ticket.status}. Take an open one.")
            return self._changed(ticket, status="taken", taken_by=agent)

    def close(self, ticket_id: str) -> Ticket:
        """End a ticket.

        Raises:
            UsageError: there is no such ticket.
        """
        with self._alone(ticket_id) as ticket:
            return self._changed(ticket, status="closed")

    def note(self, ticket: Ticket, way: str, problem: str = "") -> Ticket:
        """Write down that a ticket went a further way, or why it did not; what people did to it meanwhile stays."""
        with self._alone(ticket.packet.id) as now:
            if problem:
                return self._changed(now, failed={**now.failed, way: problem})
            failed = {name: reason for name, reason in now.failed.items() if name != way}
            return self._changed(now, delivered={**now.delivered, way: datetime.now(UTC)}, failed=failed)

    def get(self, ticket_id: str) -> Ticket:
        """One ticket.

        Raises:
            UsageError: there is none.
        """
        path = self._folder / f"{ticket_id}.json"
        if not ticket_id.isalnum() or not path.is_file():
            raise UsageError("There is no such ticket. List the open ones first.")
        return self._read(path)

    def erase(self, user: str) -> int:
        """Delete every ticket of a user; how many there were."""
        gone = [ticket for ticket in self.tickets() if user and ticket.packet.user == user]
        for ticket in gone:
            (self._folder / f"{ticket.packet.id}.json").unlink()
        return len(gone)

    @contextmanager
    def _alone(self, ticket_id: str) -> Generator[Ticket]:
        """The ticket as it is now, while nobody else changes one."""
        from filelock import FileLock

        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self._folder / ".lock", timeout=_WAIT_SECONDS):
            yield self.get(ticket_id)

    def _changed(self, ticket: Ticket, **values: object) -> Ticket:
        changed = ticket.model_copy(update=values)
        self._write(changed)
        return changed

    def _read(self, path: Path) -> Ticket:
        try:
            return Ticket.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise PluginError(
                f"Ticket file {path.name} cannot be read ({type(error).__name__}). Mend it or move it out of "
                f"{self._folder}."
            ) from None

    def _write(self, ticket: Ticket) -> None:
        """A temporary file, then a rename: a crash leaves the old ticket or the new one."""
        path = self._folder / f"{ticket.packet.id}.json"
        temporary = path.with_suffix(".tmp")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(ticket.model_dump_json(indent=1))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            raise PluginError(
                f"A ticket cannot be written to {self._folder} ({error.strerror}). Check its rights and the free space."
            ) from error
