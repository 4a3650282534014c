"""Decides what is said next. Every decision is code; a model only writes an answer, which is then checked."""

from dataclasses import dataclass, replace
from typing import Literal, cast

from ragstone.sdk import AbstentionReason, Answer, Context, Question, Quote
from ragstone.sdk.flows import Flow, FlowState, back, interrupt, prompt, reply, resume, start
from ragstone_customer_service.faq import approved_answer
from ragstone_customer_service.guiding import flow_for, knowledge_quotes, stands, steps_tried
from ragstone_customer_service.handoff.delivery import hand_over
from ragstone_customer_service.handoff.packet import Consent, make_packet
from ragstone_customer_service.handoff.queue import Queue
from ragstone_customer_service.handoff.records import Reason
from ragstone_customer_service.handoff.triggers import MOST_FAILURES, asks_for_a_person, policy_topic
from ragstone_customer_service.settings import Customer, SupportSettings
from ragstone_customer_service.talk import Talk, command, standalone
from ragstone_customer_service.wording import Wording, wording

CORPUS = "customer_service/hearthline"


@dataclass(frozen=True)
class Said:
    """A reply before it is sent; ``topic`` is the id of what it is about."""

    kind: Literal["approved", "flow", "answer", "abstention", "handoff", "note"]
    text: str
    why: tuple[str, ...] = ()
    topic: str = ""
    options: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    answer: Answer | None = None
    ticket: str = ""
    abstention: AbstentionReason | None = None


@dataclass
class Desk:
    """One turn of a conversation; `talk` is where it stands afterwards."""

    context: Context
    talk: Talk
    customer: Customer
    contact: str = ""

    async def hear(self, text: str) -> Said:
        """Answer a message."""
        ordered = command(text)
        if self.talk.handoff == "offered":
            if ordered in ("yes", "without"):
                return await self._send(consented=ordered == "yes")
            if ordered in ("no", "leave"):
                return self._stay()
            self._set(handoff="none")  # a later "yes" answers something else
        fitting = self._fitting(text)
        if fitting is not None:
            return await self._step(*fitting)
        if asks_for_a_person(text):
            return self._offer("asked")
        topic = policy_topic(text)
        if topic is not None:
            return self._offer("policy", topic.titles["zh" if self.talk.language == "zh" else "en"])
        guided = await self._guided(text)
        return guided or await self._answered(text)

    def _fitting(self, text: str) -> tuple[Flow, FlowState] | None:
        """The flow under way, one step on, when the message names one of the answers that it offers."""
        state = self.talk.flow
        flow = self.context.flows.get(state.flow) if state else None
        if flow is None or state is None or state.status != "running" or not state.is_current(flow):
            return None
        if not prompt(flow, state, self.talk.language).options or command(text) in ("back", "go_on"):
            return None
        moved = reply(flow, state, text, self.talk.language)
        return None if moved.reason else (flow, moved.state)

    async def _guided(self, text: str) -> Said | None:
        """The reply of the flow that is under way; None when there is none, or the message is a question of its own."""
        state, ordered = self.talk.flow, command(text)
        if state is None:
            return None
        flow = self.context.flows.get(state.flow)
        if flow is None:
            self._set(flow=None)
            return Said("note", self._words.gone)
        if state.status == "finished":
            self._set(flow=None)
            return None
        if not state.is_current(flow):
            state = resume(flow, interrupt(state)).state
        if ordered == "leave":
            self._set(flow=None)
            return Said("note", self._words.left.format(title=self._title(flow)), topic=flow.id)
        if state.status == "interrupted":
            return await self._step(flow, resume(flow, state).state) if ordered == "go_on" else None
        if ordered == "back":
            return await self._step(flow, back(flow, state))
        moved = reply(flow, state, text, self.talk.language)
        if not moved.reason:
            return await self._step(flow, moved.state)
        if self._is_question(text):
            return await self._beside(flow, state, text)
        failures = self.talk.failures + 1
        if failures >= MOST_FAILURES:
            return self._offer("failures", state=state)
        said = await self._step(flow, state)
        self._set(failures=failures)
        return replace(said, text=f"{moved.reason}\n{said.text}")

    async def _beside(self, flow: Flow, state: FlowState, text: str) -> Said:
        """A question within a flow: it is answered, and the way back is told."""
        said = await self._answered(text)
        if self.talk.flow is None or self.talk.flow.flow == flow.id:
            self._set(flow=interrupt(state))
            said = replace(said, text=f"{said.text}\n{self._words.interrupted.format(title=self._title(flow))}")
        return said

    async def _step(self, flow: Flow, state: FlowState) -> Said:
        """Show where a flow stands; an end closes it."""
        language, now = self.talk.language, prompt(flow, state, self.talk.language)
        quotes = await knowledge_quotes(self.context, now.knowledge, language)
        why = [self._words.why_flow.format(title=self._title(flow), version=flow.version)]
        known = [name for name in state.known if name in state.values]
        if known and state.skipped:
            why.append(self._words.why_known.format(names=", ".join(known)))
        self._set(flow=None if state.status == "finished" else state, failures=0)
        if now.kind == "handoff":
            offer = self._offer("policy", self._title(flow), state)
            return replace(offer, text=f"{now.text}\n{offer.text}", quotes=quotes, topic=flow.id)
        labels = tuple(option.label for option in now.options)
        return Said("flow", now.text, tuple(why), flow.id, labels, quotes)

    async def _answered(self, text: str) -> Said:
        """The ladder: approved answer, guided flow, proved answer, abstention."""
        talk, words = self.talk, self._words
        question = Question(text=standalone(text, talk), language=talk.language)
        alone = question.model_copy(update={"text": text})
        approved = await approved_answer(self.context, alone, talk.language, CORPUS)
        if approved is None and question != alone:
            approved = await approved_answer(self.context, question, talk.language, CORPUS)
        if approved is not None:
            self._set(failures=0)
            why = words.why_approved.format(
                question=approved.question, cosine=approved.cosine, overlap=approved.overlap
            )
            return Said(
                "approved", approved.answer.text, (why,), approved.answer.document_id, quotes=(approved.answer,)
            )
        flow = flow_for(text, self.context.flows, talk.language)
        if flow is not None and await stands(self.context, flow, talk.language):
            return await self._step(flow, start(flow, self.customer.known()))
        turns = talk.turns if question.text == text else ()
        answer = await self.context.answer(question.model_copy(update={"conversation": turns}), CORPUS)
        if answer.abstention is None:
            self._set(failures=0)
            source = answer.citations[0].document_id if answer.citations else ""
            return Said("answer", answer.text, (words.why_answer,), source, answer=answer)
        why = words.why_abstained if flow is None else words.why_stale.format(title=self._title(flow))
        self._set(failures=talk.failures + 1)
        said = Said("abstention", answer.text, (why,), abstention=answer.abstention)
        reason: Reason = "failures" if self.talk.failures >= MOST_FAILURES else "low_evidence"
        offer = self._offer(reason)
        return replace(said, text=f"{said.text}\n{offer.text}", why=(*said.why, *offer.why))

    def _offer(self, reason: Reason, topic: str = "", state: FlowState | None = None) -> Said:
        """Offer a person, and ask whether the conversation may go along."""
        self._set(handoff="offered", reason=reason, topic=topic)
        if state is not None:
            self._set(flow=interrupt(state))
        text = f"{self._words.offers[reason].format(topic=topic)} {self._words.consent}"
        return Said("handoff", text, (self._words.why_handoff.format(reason=reason),), topic="handoff")

    async def _send(self, consented: bool) -> Said:
        """Hand over; the conversation, and who the user is, go along only with consent."""
        settings = cast("SupportSettings", self.context.settings)
        state = self.talk.flow
        flow = self.context.flows.get(state.flow) if state else None
        steps = steps_tried(flow, state, self.talk.language) if flow and state and state.is_current(flow) else ()
        user = self.context.user.id if self.context.user else ""
        consent = Consent(given=consented, user=user, contact=self.contact)
        reason = self.talk.reason or "asked"
        packet = make_packet(self.talk.turns, self.talk.language, reason, self.talk.topic, steps, consent)
        ticket = await hand_over(packet, Queue(self.context.folder / "tickets"), settings.ways())
        self._set(handoff="sent", failures=0, flow=None)
        return Said("handoff", self._words.sent.format(ticket=packet.id[:8]), topic="handoff", ticket=ticket.packet.id)

    def _stay(self) -> Said:
        self._set(handoff="declined", failures=0)
        return Said("note", self._words.declined)

    def _is_question(self, text: str) -> bool:
        """Whether a message that does not answer the step asks something else."""
        return (
            text.rstrip().endswith(("?", "？", "吗", "呢"))
            or flow_for(text, self._other_flows, self.talk.language) is not None
        )

    @property
    def _other_flows(self) -> dict[str, Flow]:
        under_way = self.talk.flow.flow if self.talk.flow else ""
        return {name: flow for name, flow in self.context.flows.items() if name != under_way}

    def _title(self, flow: Flow) -> str:
        return flow.title.of(self.talk.language)

    @property
    def _words(self) -> Wording:
        return wording(self.talk.language)

    def _set(self, **values: object) -> None:
        self.talk = self.talk.model_copy(update=values)
