"""The local queue as a task: what people who take over see and do."""

from collections.abc import Mapping
from typing import Literal, cast

from pydantic import BaseModel, Field

from ragstone.sdk import Context, Language, Output, UsageError, label
from ragstone_customer_service.handoff.queue import Queue
from ragstone_customer_service.handoff.records import Ticket
from ragstone_customer_service.settings import SupportSettings


class QueueOrder(BaseModel, frozen=True, extra="forbid"):
    """List the tickets of a state, take one, close one, or erase those of a user."""

    do: Literal["open", "taken", "closed", "take", "close", "erase"] = Field(
        default="open", **label(en="Do", zh="操作")
    )
    ticket: str = Field(default="", max_length=32, **label(en="Ticket", zh="工单号"))
    agent: str = Field(default="", max_length=80, **label(en="Your name", zh="您的名字"))
    user: str = Field(default="", max_length=128, **label(en="User whose tickets are erased", zh="要删除其工单的用户"))


class Tickets(Output):
    """Tickets, oldest first."""

    tickets: tuple[Ticket, ...] = Field(default=(), **label(en="Tickets", zh="工单"))
    erased: int = Field(default=0, **label(en="Erased", zh="已删除"))


class TicketsTask:
    """Shows and changes tickets, for members of the desk's group alone."""

    name = "tickets"
    titles: Mapping[Language, str] = {"en": "Tickets", "zh": "工单"}
    input = QueueOrder
    output = Tickets
    examples: Mapping[Language, tuple[QueueOrder, ...]] = {
        "en": (QueueOrder(),),
        "zh": (QueueOrder(do="taken", agent="小王"),),
    }

    async def run(self, value: QueueOrder, context: Context) -> Tickets:
        """Do it.

        Raises:
            UsageError: the user is not of the desk's group, or there is no such ticket.
        """
        settings = cast("SupportSettings", context.settings)
        if settings.desk_group not in context.groups:
            raise UsageError(f"Tickets are for the group '{settings.desk_group}'. Ask as a member of it: --group.")
        queue = Queue(context.folder / "tickets")
        if value.do == "take":
            return Tickets(tickets=(queue.take(value.ticket, value.agent or "?"),))
        if value.do == "close":
            return Tickets(tickets=(queue.close(value.ticket),))
        if value.do == "erase":
            return Tickets(erased=queue.erase(value.user))
        return Tickets(tickets=tuple(queue.tickets(value.do)))
