"""The one answering path. Command line, console and measurement all go through it."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from ragstone.answering.budget import Plan, fit
from ragstone.answering.citations import MarkerStream
from ragstone.answering.grammar import MOST_SENTENCES, cited_answer
from ragstone.answering.lead import LeadStream
from ragstone.answering.relevance import bears_on
from ragstone.answering.support import SupportChecker
from ragstone.answering.verification import Verified, keep_supported, verify
from ragstone.answering.wording import wording
from ragstone.corpus.language import detect_language
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Found, Index
from ragstone.models.chat import ChatModel, Chunk, GenerationOptions
from ragstone.settings import AnsweringSettings, RetrievalSettings
from ragstone.types import (
    AbstentionReason,
    Answer,
    AnswerEvent,
    Evidence,
    Language,
    Question,
    TextDelta,
    Timings,
    Usage,
)


@dataclass
class _Run:
    """What is known so far about one question; becomes the `Answer`."""

    question: Question
    language: Language
    instruction: str | None = None  # None: the model first says whether the sources answer, then answers
    sentences: int = MOST_SENTENCES
    started: float = field(default_factory=time.perf_counter)
    evidence: tuple[Evidence, ...] = ()
    dropped: list[str] = field(default_factory=list[str])
    declined: bool = False
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    embed: float | None = None
    retrieve: float | None = None
    first_token: float | None = None
    generate: float | None = None
    verify: float | None = None

    def timings(self) -> Timings:
        return Timings(
            embed=self.embed,
            retrieve=self.retrieve,
            first_token=self.first_token,
            generate=self.generate,
            verify=self.verify,
            total=time.perf_counter() - self.started,
        )

    def abstain(self, reason: AbstentionReason) -> Answer:
        return self._answer(text=wording(self.language).abstentions[reason], abstention=reason)

    def answer(self, verified: Verified) -> Answer:
        return self._answer(text=verified.text, verified=verified)

    def _answer(
        self, text: str, abstention: AbstentionReason | None = None, verified: Verified | None = None
    ) -> Answer:
        return Answer(
            text=text,
            language=self.language,
            abstention=abstention,
            sentences=verified.sentences if verified else (),
            citations=verified.citations if verified else (),
            evidence=self.evidence,
            dropped=tuple(self.dropped),
            model=self.model,
            usage=self.usage,
            timings=self.timings(),
        )


@dataclass(frozen=True)
class AnsweringPath:
    """Question -> evidence -> floor -> budget -> generation -> verified citations -> answer."""

    index: Index | None
    chat: ChatModel
    checker: SupportChecker
    retrieval: RetrievalSettings
    options: AnsweringSettings
    floors: Mapping[Language, float] = field(default_factory=dict[Language, float])
    decline_bias: Mapping[Language, float] = field(default_factory=dict[Language, float])
    missing_adapter: str = ""

    async def answer(self, question: Question) -> Answer:
        """The last event of `stream`."""
        return await _last(self.stream(question))

    async def write(
        self, question: Question, evidence: Sequence[Evidence], instruction: str, sentences: int = MOST_SENTENCES
    ) -> Answer:
        """Up to ``sentences`` sentences from this evidence, cited and checked as those of an answer are.

        Raises:
            ServerError: the model server cannot be reached or refuses.
        """
        run = self._run(question)
        run.evidence, run.sentences = tuple(evidence), sentences
        run.instruction = f"{instruction} {wording(run.language).form.format(sentences=sentences)}"
        if not run.evidence:
            return run.abstain("no_evidence")
        return await _last(self._written(run))

    async def stream(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        """Pieces of text, then the `Answer`.

        Unsupported sentences are never streamed when the operator drops them: the text then comes in one
        piece, after the check. Closing the generator early stops the generation on the server.

        Raises:
            ServerError: the model server cannot be reached or refuses.
        """
        if self.index is None:
            raise ValueError("a path without an index writes from given evidence, and answers nothing")
        run = self._run(question)
        found = await asyncio.to_thread(search, self.index, question, run.language, self.retrieval)
        run.evidence, run.embed, run.retrieve = found.evidence, found.embed_seconds, found.retrieve_seconds
        refusal = self._refusal(run)
        if refusal:
            yield run.abstain(refusal)
            return
        async with aclosing(self._written(run)) as events:
            async for event in events:
                yield event

    def _run(self, question: Question) -> _Run:
        language: Language = question.language or ("zh" if detect_language(question.text) == "zh" else "en")
        run = _Run(question, language, model=self.chat.endpoint.model)
        if self.missing_adapter:
            run.dropped.append(wording(language).no_adapter.format(name=self.missing_adapter))
        return run

    async def _written(self, run: _Run) -> AsyncGenerator[AnswerEvent, None]:
        """From evidence to the answer: what fits is given to the model, and what it writes is checked."""
        room = await self.chat.context_length() - self._most_tokens(run)
        question, count = run.question, self.chat.count_tokens
        plan = await fit(question, run.evidence, run.language, room, count, run.instruction)
        run.dropped += plan.dropped
        run.evidence = plan.evidence
        if not plan.evidence:
            yield run.abstain("no_room")
            return
        pieces: list[str] = []
        async with aclosing(self._generate(run, plan)) as generated:
            async for piece in generated:
                pieces.append(piece)
                if self.options.unsupported == "mark":
                    yield TextDelta(text=piece)
        answer = await asyncio.to_thread(self._conclude, run, "".join(pieces).strip())
        if self.options.unsupported == "drop" and answer.abstention is None:
            yield TextDelta(text=answer.text)
        yield answer

    def _most_tokens(self, run: _Run) -> int:
        return self.options.max_tokens * math.ceil(run.sentences / MOST_SENTENCES)

    def _refusal(self, run: _Run) -> AbstentionReason | None:
        if not run.evidence:
            return "no_evidence"
        calibrated = self.floors.get(run.language, 0.0)
        floor = calibrated if self.retrieval.floor is None else self.retrieval.floor
        return None if bears_on(run.question.text, run.evidence, floor) else "low_relevance"

    async def _generate(self, run: _Run, plan: Plan) -> AsyncGenerator[str, None]:
        """Text that may be shown: markers whole and valid, and never a refusal."""
        sources, words = len(plan.evidence), wording(run.language)
        led = run.instruction is None
        bound = await self.chat.supports_grammar()
        grammar = cited_answer(sources, run.language, run.sentences, led) if bound else None
        bias = self.decline_bias.get(run.language, 0.0) if led else 0.0
        options = GenerationOptions(
            max_tokens=self._most_tokens(run),
            temperature=self.options.temperature,
            seed=self.options.seed,
            grammar=grammar,
            bias={await self._first_token(words.declined): bias} if grammar and bias else {},
        )
        markers, lead = MarkerStream(sources), LeadStream(words.found, words.declined, expected=led)
        started = time.perf_counter()
        async with aclosing(self.chat.stream(plan.messages, options)) as chunks:
            async for chunk in chunks:
                self._note(run, chunk, started)
                piece = markers.feed(lead.feed(chunk.text))
                if piece:
                    yield piece
        run.generate, run.declined = time.perf_counter() - started, lead.refused
        rest = markers.feed(lead.finish()) + markers.finish()
        if rest:
            yield rest
        run.dropped += [words.no_such_source.format(number=number) for number in markers.invalid]

    async def _first_token(self, text: str) -> int:
        return (await self.chat.token_ids(text))[0]

    @staticmethod
    def _note(run: _Run, chunk: Chunk, started: float) -> None:
        if chunk.usage:
            run.usage = chunk.usage
        if chunk.text and run.first_token is None:
            run.first_token = time.perf_counter() - started
        if chunk.finish_reason == "length":
            run.dropped.append(wording(run.language).cut_off)

    def _conclude(self, run: _Run, text: str) -> Answer:
        if run.declined or not text:
            return run.abstain("model_declined")
        started = time.perf_counter()
        verified = verify(text, run.evidence, run.language, self.checker)
        run.verify = time.perf_counter() - started
        if not verified.proved:
            return run.abstain("unsupported")
        if self.options.unsupported == "drop":
            shorter = keep_supported(verified, run.language)
            lost = len(verified.sentences) - len(shorter.sentences)
            run.dropped += [wording(run.language).not_proved] * lost
            verified = shorter
        return run.answer(verified)


async def _last(events: AsyncIterator[AnswerEvent]) -> Answer:
    async for event in events:
        if isinstance(event, Answer):
            return event
    raise AssertionError("the stream ends with an answer")


def search(index: Index, question: Question, language: Language, settings: RetrievalSettings) -> Found:
    """The evidence that the asking user may read, in the question's language when the index has it.

    The last turn of the user stands before a follow-up question, so that "and in winter?" finds its topic.
    """
    before = next((turn.text for turn in reversed(question.conversation) if turn.role == "user"), "")
    same = frozenset[Language]({language})
    languages = same if language in index.languages else index.languages
    return index.search(
        f"{before}\n{question.text}".strip(),
        k=settings.passages,
        where=Filter(groups=question.groups, languages=languages),
        candidates=settings.candidates,
    )
