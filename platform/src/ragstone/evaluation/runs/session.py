"""From a suite and the settings to a report: opens what the system and the scorers need, and closes it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from ragstone.answering.engine import Engine, open_engine
from ragstone.errors import UsageError
from ragstone.evaluation.bias.choices import choice_system
from ragstone.evaluation.cases.recordings import RecordedAnswer, read_recordings
from ragstone.evaluation.cases.suites import Suite
from ragstone.evaluation.records import Report, System
from ragstone.evaluation.runs.cache import AnswerCache, cached, cached_judge
from ragstone.evaluation.runs.encoding import digest
from ragstone.evaluation.runs.provenance import answer_identity, collect_provenance
from ragstone.evaluation.runs.runner import RunOptions, run_suite
from ragstone.evaluation.scoring import AnyScorer, load_scorer
from ragstone.evaluation.systems.endpoint import endpoint_system
from ragstone.evaluation.systems.plugin import plugin_system, retrieval_system
from ragstone.evaluation.systems.recorded import recorded_system
from ragstone.models.chat import ChatModel
from ragstone.models.embedder import Embedder
from ragstone.sdk.plugin import Plugin
from ragstone.sdk.registry import load_plugin
from ragstone.settings import Settings
from ragstone.types import Answer, Progress, Question, Record

SystemName = Literal["answer", "retrieve", "recorded", "endpoint", "choice"]


class Session(Record):
    """What to run.

    ``system`` None: what the suite says, or "recorded" when ``answers`` are given. ``answers`` are recorded answers;
    with "endpoint" their contexts go into the prompt. ``scorers`` empty: those of the suite. ``cache``: the folder of
    answers and judgements; ``replay`` takes all of them from there and asks nothing.
    """

    suite: Suite
    system: SystemName | None = None
    answers: Path | None = None
    scorers: tuple[str, ...] = ()
    cache: Path | None = None
    replay: bool = False
    options: RunOptions = RunOptions()

    @property
    def kind(self) -> SystemName:
        """The system that is asked."""
        return self.system or ("recorded" if self.answers else self.suite.system)

    @property
    def recordings(self) -> Path | None:
        """The file of recorded answers."""
        return self.answers or self.suite.recordings

    @property
    def read_suite(self) -> Suite:
        """The suite as it is run: with the system that is asked and every file that is read."""
        files = self.suite.files if self.answers is None else (*self.suite.files, self.answers)
        kind = "answer" if self.kind == "endpoint" else self.kind
        return self.suite.model_copy(update={"system": kind, "files": tuple(dict.fromkeys(files))})


async def run_session(
    session: Session, settings: Settings, progress: Progress | None = None, system: System | None = None
) -> Report:
    """Run a suite as an installed user does. See `run_suite`.

    Args:
        session: What to run.
        settings: The operator's.
        progress: Told of cases that are done.
        system: A system of one's own in place of the session's; its answers are not cached.

    Raises:
        UsageError: the suite names no plugin, there are no recorded answers, or replaying lacks one.
        RagstoneError: what opening the engine, the index, the scorers or the cache raises.
    """
    suite = session.read_suite
    async with open_engine(settings) as engine, _opened(session) as cache:
        resources = EngineResources(engine, cache)
        names = session.scorers or suite.scorers
        scorers = {name: load_scorer(name, resources) for name in names}
        judge = settings.models.chat if _needs_judge(scorers) else ""
        named = session.kind if system is None else getattr(system, "__qualname__", type(system).__name__)
        facts = collect_provenance(settings, suite, named, names, judge, session.options.seed)
        if system is None:
            system = _system(session, engine)
            if cache is not None and session.kind != "recorded":
                system = cached(system, cache, answer_identity(facts))
        return await run_suite(suite, system, scorers, session.options, facts, progress)


@asynccontextmanager
async def _opened(session: Session) -> AsyncGenerator[AnswerCache | None]:
    if session.cache is None:
        yield None
        return
    cache = AnswerCache(session.cache, session.replay)
    try:
        yield cache
    finally:
        cache.close()


def _needs_judge(scorers: Mapping[str, AnyScorer]) -> bool:
    return any(metric.needs_llm for scorer in scorers.values() for metric in scorer.metrics)


class EngineResources:
    """What the engine lends to scorers; with a ``cache`` the judge is asked nothing twice."""

    def __init__(self, engine: Engine, cache: AnswerCache | None) -> None:
        self._engine = engine
        self._cache = cache

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._engine.settings

    @property
    def embedder(self) -> Embedder:
        """The embedder of the settings."""
        return self._engine.embedder

    async def judge(self) -> ChatModel:
        """The chat model of the settings."""
        chat = await self._engine.chat()
        return chat if self._cache is None else cached_judge(chat, self._cache, _served(self.settings))


def _served(settings: Settings) -> str:
    """Tells the model that judges from another of the same name elsewhere."""
    return digest([settings.models.profile, settings.models.base_url, settings.models.chat])


def _system(session: Session, engine: Engine) -> System:
    recordings = read_recordings(session.recordings) if session.recordings else None
    match session.kind:
        case "recorded":
            return recorded_system(_given(recordings, session.suite))
        case "endpoint":
            return _late(engine, lambda chat: endpoint_system(chat, contexts=recordings))
        case "choice":
            return _late(engine, choice_system)
        case "retrieve":
            return retrieval_system(engine, _plugin(session.suite, engine), session.suite.corpus)
        case "answer":
            return plugin_system(engine, _plugin(session.suite, engine), session.suite.corpus)


def _late(engine: Engine, system: Callable[[ChatModel], System]) -> System:
    """A system over the chat model, which is opened when it is first asked: a replay needs no server."""

    async def answer(question: Question) -> Answer:
        return await system(await engine.chat())(question)

    return answer


def _given(recordings: tuple[RecordedAnswer, ...] | None, suite: Suite) -> tuple[RecordedAnswer, ...]:
    if recordings is None:
        raise UsageError(f"Suite '{suite.name}' has no recorded answers. Name a file with --answers.")
    return recordings


def _plugin(suite: Suite, engine: Engine) -> Plugin:
    if suite.plugin is None:
        raise UsageError(
            f"Suite '{suite.name}' names no plugin to ask. Give recorded answers with --answers, or take a "
            "plugin's suite. See: ragstone eval suites"
        )
    return load_plugin(suite.plugin, engine.settings)
