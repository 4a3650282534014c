"""Tickets are for the desk alone."""

from typing import Any

import pytest

from ragstone.sdk import UsageError
from ragstone_customer_service.handoff.queue import Queue
from ragstone_customer_service.handoff.records import Packet
from ragstone_customer_service.tickets import QueueOrder, TicketsTask


@pytest.mark.parametrize(("language", "agent"), [("en", "Ben"), ("zh", "小王")])
async def test_tickets_are_worked_on(context: Any, language: str, agent: str) -> None:
    context.groups = frozenset({"desk"})
    packet = Packet(language=language, reason="asked", summary="?")  # type: ignore[arg-type]
    Queue(context.folder / "tickets").add(packet)

    async def do(**order: str) -> list[str]:
        output = await TicketsTask().run(QueueOrder(**order), context)  # type: ignore[arg-type]
        return [f"{ticket.status} {ticket.taken_by}".strip() for ticket in output.tickets]

    assert await do() == ["open"]
    assert await do(do="take", ticket=packet.id, agent=agent) == [f"taken {agent}"]
    assert await do(do="taken") == [f"taken {agent}"]
    assert await do(do="close", ticket=packet.id) == [f"closed {agent}"]
    assert await do() == []


async def test_the_tickets_of_a_user_are_erased(context: Any) -> None:
    context.groups = frozenset({"desk"})
    Queue(context.folder / "tickets").add(Packet(language="zh", reason="asked", summary="?", user="用户7"))
    assert (await TicketsTask().run(QueueOrder(do="erase"), context)).erased == 0
    assert (await TicketsTask().run(QueueOrder(do="erase", user="用户7"), context)).erased == 1


async def test_strangers_see_nothing(context: Any) -> None:
    with pytest.raises(UsageError, match="Tickets are for the group 'desk'"):
        await TicketsTask().run(QueueOrder(), context)
