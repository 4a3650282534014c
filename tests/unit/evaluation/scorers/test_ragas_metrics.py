"""The real ragas against a judge on loopback that behaves well, and in every way badly."""

import asyncio
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ragstone.errors import LanguageMismatchError, MissingDependencyError, ModelNotPulledError, PluginError
from ragstone.evaluation.records import Score, Unscored
from ragstone.evaluation.runs.cache import AnswerCache, cached_judge
from ragstone.evaluation.runs.verdicts import judge as run_judge
from ragstone.evaluation.scorers import ragas_client, ragas_metrics
from ragstone.evaluation.scorers.ragas_metrics import MEASURES, RagasScorer
from ragstone.models.chat import ChatModel, Endpoint
from ragstone.settings import Settings
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Answer, Case, Evidence, Passage, Span

Reply = str | Callable[[], str]

NAMES = [
    "ragas.faithfulness",
    "ragas.answer_relevancy",
    "ragas.context_precision",
    "ragas.context_recall",
    "ragas.factual_correctness",
    "ragas.noise_sensitivity",
]
WORD = "abalone"
CASES = {
    "en": ("How long may goods be returned?", "Within 30 days.", f"Within 30 days, says the {WORD} [1].", "30 days."),
    "zh": ("多少天内可以退货？", "30天内。", f"{WORD}说，30天内可以退货[1]。", "三十天内可以退货。"),
}
VERDICT = {"statement": "s", "reason": "r", "verdict": 1}
GOOD = {
    "StatementGeneratorOutput": {"statements": ["one", "two"]},
    "NLIStatementOutput": {"statements": [VERDICT, VERDICT | {"verdict": 0}]},
    "StatementFaithfulnessOutput": {"statements": [VERDICT, VERDICT | {"verdict": 0}]},
    "AnswerRelevanceOutput": {"question": "How long may goods be returned?", "noncommittal": 0},
    "ContextPrecisionOutput": {"reason": "r", "verdict": 1},
    "ContextRecallOutput": {"classifications": [{"statement": "s", "reason": "r", "attributed": 1}]},
    "ClaimDecompositionOutput": {"claims": ["one", "two"]},
}


class Judge:
    """An OpenAI-compatible server. ``replies`` by the title of the schema asked for; "" is for every other one."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.status = 200
        self.delay = 0.0
        self.bodies: list[dict[str, Any]] = []
        card = json.dumps({"data": [{"id": "m", "owned_by": "openai", "context_length": 16384}]})
        judge = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, "application/json", card)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                judge.bodies.append(body)
                time.sleep(judge.delay)
                if judge.status != 200:
                    self._send(judge.status, "application/json", json.dumps({"error": {"message": WORD}}))
                elif body.get("stream"):
                    self._send(200, "text/event-stream", judge.stream(body))
                else:
                    self._send(200, "application/json", judge.whole(body))

            def _send(self, status: int, kind: str, text: str) -> None:
                content = text.encode()
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Not to standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def reply(self, body: dict[str, Any]) -> str:
        title = body["response_format"]["json_schema"]["schema"]["title"]
        reply = self.replies.get(title, self.replies.get("", json.dumps(GOOD[title])))
        return reply if isinstance(reply, str) else reply()

    def whole(self, body: dict[str, Any]) -> str:
        message = {"role": "assistant", "content": self.reply(body)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})

    def stream(self, body: dict[str, Any]) -> str:
        text = self.reply(body)
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        chunks = [
            head | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}]},
            head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        ]
        return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Means:
    """Resources as a run gives them."""

    def __init__(self, chat: Any) -> None:
        self.settings = Settings()
        self.embedder: Any = HashEmbedder()
        self.asked = 0
        self._chat = chat

    async def judge(self) -> Any:
        self.asked += 1
        if isinstance(self._chat, Exception):
            raise self._chat
        return self._chat


@pytest.fixture
def judge() -> Iterator[Judge]:
    server = Judge()
    yield server
    server.close()


@pytest.fixture
async def means(judge: Judge) -> AsyncIterator[Means]:
    chat = ChatModel(Endpoint(base_url=judge.url, model="m", retries=0))
    yield Means(chat)
    await chat.aclose()


def case(language: str = "en", **changes: Any) -> Case:
    question, reference, _, _ = CASES[language]
    fields: dict[str, Any] = {"id": "c", "question": question, "reference": reference, "language": language}
    return Case(**fields | changes)


def answer(language: str = "en", contexts: int = 1, **changes: Any) -> Answer:
    *_, text, source = CASES[language]
    passage = Passage(document_id="d", span=Span(start=0, end=len(source)), text=source, language=language)
    evidence = (Evidence(passage=passage),) * contexts
    return Answer(**{"text": text, "language": language, "evidence": evidence} | changes)


def only(name: str, **changes: Any) -> tuple[Any, ...]:
    return tuple(replace(measure, **changes) for measure in MEASURES if measure.metric.name == name)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_metric_gives_the_number_of_ragas(means: Means, judge: Judge, language: str) -> None:
    judge.replies["AnswerRelevanceOutput"] = json.dumps({"question": case(language).question, "noncommittal": 0})
    scorer = ragas_metrics.build(means)
    verdicts = await scorer.score(case(language), answer(language, contexts=2))
    assert list(verdicts) == NAMES == [metric.name for metric in scorer.metrics]
    values = {name: getattr(verdict, "value", verdict) for name, verdict in verdicts.items()}
    assert values == {
        "ragas.faithfulness": 0.5,
        "ragas.answer_relevancy": pytest.approx(1.0),
        "ragas.context_precision": pytest.approx(1.0),
        "ragas.context_recall": 1.0,
        "ragas.factual_correctness": 0.5,
        "ragas.noise_sensitivity": 0.0,
    }
    assert await run_judge(scorer, case(language), answer(language, contexts=2), None) == verdicts  # and the run agrees
    faithfulness = verdicts["ragas.faithfulness"]
    assert isinstance(faithfulness, Score)
    assert faithfulness.detail["judged"] == [GOOD["StatementGeneratorOutput"], GOOD["NLIStatementOutput"]]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("measure", MEASURES, ids=NAMES)
async def test_ragas_alone_asks_and_scores_the_same(means: Means, judge: Judge, measure: Any, language: str) -> None:
    """Through its own OpenAI client: the same prompts, the same number."""
    verdicts = iter([[1, 1], [1, 1], [1, 0]] * 2)
    judge.replies["StatementFaithfulnessOutput"] = lambda: json.dumps(
        {"statements": [VERDICT | {"verdict": verdict} for verdict in next(verdicts)]}
    )
    found = (await RagasScorer(means, (measure,)).score(case(language), answer(language)))[measure.metric.name]
    ours = [body["messages"][-1] for body in judge.bodies]
    judge.bodies.clear()

    import instructor
    from openai import AsyncOpenAI
    from ragas.llms.base import InstructorLLM

    async with AsyncOpenAI(base_url=judge.url, api_key="none", max_retries=0) as client:
        patched = instructor.from_openai(client, mode=instructor.Mode.JSON_SCHEMA)
        llm = InstructorLLM(client=patched, model="m", provider="openai", temperature=0)
        more = {"embeddings": ragas_client.RagasEmbeddings(means.embedder)} if "Relevancy" in measure.kind else {}
        inputs = ragas_metrics._inputs(case(language), answer(language))
        theirs = await getattr(ragas_client.load_ragas(), measure.kind)(llm=llm, **more).ascore(
            **{name: inputs[name] for name in measure.reads}
        )
    assert found.model_dump()["value"] == pytest.approx(theirs.value)
    asked = [body["messages"][-1] for body in judge.bodies]
    assert ours == asked[: len(ours)]
    assert len(asked) == len(ours) * (3 if "Relevancy" in measure.kind else 1)
    if measure.kind == "NoiseSensitivity":
        assert theirs.value == 0.5


async def test_what_the_judge_is_asked(means: Means, judge: Judge) -> None:
    await RagasScorer(means, only("ragas.faithfulness")).score(case(), answer())
    first, second = judge.bodies
    assert [body["temperature"] for body in (first, second)] == [0.0, 0.0]
    assert first["max_completion_tokens"] == 2048
    schema = second["response_format"]["json_schema"]["schema"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["StatementFaithfulnessAnswer"]["additionalProperties"] is False
    assert "30 days, says" in first["messages"][0]["content"]
    assert "[1]" not in first["messages"][0]["content"].rpartition("Now perform the same")[2]
    assert "30 days." in second["messages"][0]["content"]


def test_the_metrics_say_what_they_are(means: Means) -> None:
    metrics = ragas_metrics.build(means).metrics
    assert all(metric.needs_llm and metric.languages == ("en",) and "0.4.3" in metric.source for metric in metrics)
    assert [metric.name for metric in metrics if metric.goal == "lower"] == ["ragas.noise_sensitivity"]


HOLLOW = json.dumps({"statements": []})
BROKEN = [
    ('{"statements": ["cut o', "not the JSON"),
    (f"I am sorry, I cannot judge {WORD}.", "not the JSON"),
    ("很抱歉，我不能评判这个回答。", "not the JSON"),
    ("", "not the JSON"),
    ("NaN", "not the JSON"),
    (json.dumps({"statements": "one"}), "not the JSON"),
    (json.dumps({"verdicts": [1]}), "not the JSON"),
    (HOLLOW, "named nothing"),
]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("reply", "reason"), BROKEN)
async def test_a_bad_answer_of_the_judge_fails(
    means: Means, judge: Judge, reply: str, reason: str, language: str
) -> None:
    judge.replies[""] = reply
    verdicts = await ragas_metrics.build(means).score(case(language), answer(language))
    for verdict in verdicts.values():
        assert isinstance(verdict, Unscored)
        assert verdict.status == "failed"
        assert reason in verdict.reason or "not the JSON" in verdict.reason
        assert WORD not in verdict.reason


async def test_an_empty_list_is_no_zero(means: Means, judge: Judge) -> None:
    """ragas itself gives the F1 of no claims: 0."""
    judge.replies["ClaimDecompositionOutput"] = json.dumps({"claims": []})
    verdicts = await RagasScorer(means, only("ragas.factual_correctness")).score(case(), answer())
    assert verdicts["ragas.factual_correctness"].model_dump()["status"] == "failed"


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
async def test_an_error_of_the_server_fails(means: Means, judge: Judge, status: int) -> None:
    judge.status = status
    verdicts = await ragas_metrics.build(means).score(case(), answer())
    for verdict in verdicts.values():
        assert isinstance(verdict, Unscored)
        assert verdict.status == "failed"
        assert f"answered {status}" in verdict.reason
        assert WORD not in verdict.reason


async def test_a_judge_that_is_down_fails(means: Means, judge: Judge) -> None:
    judge.close()
    verdicts = await ragas_metrics.build(means).score(case(), answer())
    assert all("No model server answers" in verdict.model_dump()["reason"] for verdict in verdicts.values())


async def test_a_judge_that_cannot_be_opened_fails_only_what_asks_it() -> None:
    scorer = RagasScorer(Means(ModelNotPulledError("m")))
    verdicts = await scorer.score(case(reference=""), answer())
    statuses = [verdict.model_dump()["status"] for verdict in verdicts.values()]
    assert statuses == ["failed", "failed", *["not_applicable"] * 4]
    assert "ragstone models pull m" in verdicts["ragas.faithfulness"].model_dump()["reason"]


async def test_each_metric_has_its_own_time(means: Means, judge: Judge) -> None:
    slow, fast = only("ragas.faithfulness", seconds=0.3), only("ragas.context_recall")
    judge.replies["StatementGeneratorOutput"] = lambda: (time.sleep(1.0), json.dumps(GOOD["StatementGeneratorOutput"]))[
        1
    ]
    verdicts = await RagasScorer(means, slow + fast).score(case(), answer())
    assert verdicts["ragas.faithfulness"].model_dump()["reason"] == "It took longer than 0.3 seconds."
    assert verdicts["ragas.context_recall"].model_dump()["value"] == 1.0


async def test_a_cancelled_run_is_not_a_verdict(means: Means, judge: Judge) -> None:
    judge.delay = 5.0
    task = asyncio.create_task(ragas_metrics.build(means).score(case(), answer()))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_verdicts_that_do_not_fit_the_statements_fail(means: Means, judge: Judge) -> None:
    """NoiseSensitivity makes a matrix of them."""
    counts = iter([2, 1, 2, 2, 2])
    judge.replies["StatementFaithfulnessOutput"] = lambda: json.dumps({"statements": [VERDICT] * next(counts)})
    verdicts = await RagasScorer(means, only("ragas.noise_sensitivity")).score(case(), answer(contexts=2))
    assert re.fullmatch(r"ragas broke off with \w+\.", verdicts["ragas.noise_sensitivity"].model_dump()["reason"])


async def test_nan_of_ragas_fails(means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    from ragas.metrics.collections import Faithfulness

    monkeypatch.setattr(Faithfulness, "_compute_score", lambda *_: float("nan"))
    verdicts = await RagasScorer(means, only("ragas.faithfulness")).score(case(), answer())
    assert "no finite number" in verdicts["ragas.faithfulness"].model_dump()["reason"]


@pytest.mark.parametrize("verdict", [7, -3])
async def test_a_verdict_out_of_range_fails_in_the_run(means: Means, judge: Judge, verdict: int) -> None:
    judge.replies["ContextRecallOutput"] = json.dumps(
        {"classifications": [{"statement": "s", "reason": "r", "attributed": verdict}]}
    )
    found = await run_judge(RagasScorer(means, only("ragas.context_recall")), case(), answer(), None)
    assert "outside the metric's bounds" in found["ragas.context_recall"].model_dump()["reason"]


async def test_an_evasive_answer_is_not_relevant(means: Means, judge: Judge) -> None:
    judge.replies["AnswerRelevanceOutput"] = json.dumps({"question": "?", "noncommittal": 1})
    verdicts = await RagasScorer(means, only("ragas.answer_relevancy")).score(case(), answer())
    assert verdicts["ragas.answer_relevancy"].model_dump()["value"] == 0.0
    assert len(judge.bodies) == 1


async def test_an_embedder_of_another_language_fails(means: Means) -> None:
    class Monoglot(HashEmbedder):
        def require_languages(self, wanted: Any, force: bool = False) -> None:
            raise LanguageMismatchError("It knows no Chinese.")

    means.embedder = Monoglot()
    verdicts = await RagasScorer(means, only("ragas.answer_relevancy")).score(case("zh"), answer("zh"))
    assert verdicts["ragas.answer_relevancy"].model_dump()["reason"] == "It knows no Chinese."


NOT_THERE = [
    # case, answer, what stays applicable
    ({"reference": " "}, {}, NAMES[:2]),
    ({}, {"contexts": 0}, ["ragas.answer_relevancy", "ragas.factual_correctness"]),
    ({}, {"abstention": "no_evidence"}, ["ragas.context_precision", "ragas.context_recall"]),
    ({"reference": "", "answerable": False}, {"abstention": "no_evidence"}, []),
]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("case_changes", "answer_changes", "applicable"), NOT_THERE)
async def test_what_a_case_lacks_is_not_applicable(
    means: Means, case_changes: Any, answer_changes: Any, applicable: list[str], language: str
) -> None:
    verdicts = await ragas_metrics.build(means).score(
        case(language, **case_changes), answer(language, **answer_changes)
    )
    assert [name for name, verdict in verdicts.items() if isinstance(verdict, Score)] == applicable
    rest = [verdict for verdict in verdicts.values() if isinstance(verdict, Unscored)]
    assert {verdict.status for verdict in rest} <= {"not_applicable"}
    assert means.asked == len(applicable)


@pytest.mark.parametrize("text", ["", " \n", "[1]"])
async def test_an_empty_answer_fails(means: Means, text: str) -> None:
    verdicts = await ragas_metrics.build(means).score(case(), answer(text=text))
    failing = [
        name for name, verdict in verdicts.items() if isinstance(verdict, Unscored) and verdict.status == "failed"
    ]
    assert failing == [NAMES[0], NAMES[1], NAMES[4], NAMES[5]]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_what_was_asked_is_kept_and_replayed(means: Means, judge: Judge, tmp_path: Path, language: str) -> None:
    chat = await means.judge()
    cache = AnswerCache(tmp_path / "cache")
    first = await RagasScorer(Means(cached_judge(chat, cache, "m"))).score(case(language), answer(language))
    asked = len(judge.bodies)
    cache.close()
    judge.close()
    replay = AnswerCache(tmp_path / "cache", replay=True)
    scorer = RagasScorer(Means(cached_judge(chat, replay, "m")))
    assert await scorer.score(case(language), answer(language)) == first
    assert len(judge.bodies) == asked
    missing = await scorer.score(case(language, question="?"), answer(language))
    assert "Run once without replay" in missing["ragas.faithfulness"].model_dump()["reason"]
    replay.close()


async def test_ragas_reports_nothing(means: Means, monkeypatch: pytest.MonkeyPatch) -> None:
    from ragas import _analytics

    def report(*_: Any, **__: Any) -> None:
        pytest.fail("ragas reported its use")

    monkeypatch.delenv("RAGAS_DO_NOT_TRACK", raising=False)
    _analytics.do_not_track.cache_clear()
    assert not _analytics.do_not_track()
    monkeypatch.setattr(_analytics.requests, "post", report)
    scorer = ragas_metrics.build(means)
    assert _analytics.do_not_track()
    _analytics.track(_analytics.LLMUsageEvent(user_id="u", provider="openai", llm_type="instructor"))
    verdicts = await scorer.score(case(), answer())
    _analytics._analytics_batcher.add_evaluation(
        _analytics.EvaluationEvent(user_id="u", metrics=["m"], num_rows=1, evaluation_type="SINGLE_TURN", language="en")
    )
    _analytics._analytics_batcher.flush()
    assert all(isinstance(verdict, Score) for verdict in verdicts.values())


def test_ragas_imports_beside_the_pinned_packages() -> None:
    """In a process of its own: nothing has stubbed what ragas looks for."""
    code = (
        "from ragstone.evaluation.scorers.ragas_client import load_ragas\n"
        "metrics = load_ragas()\n"
        "from ragas._analytics import do_not_track\n"
        "from ragas import __version__\n"
        "print(metrics.Faithfulness.__name__, do_not_track(), __version__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Faithfulness", "True", "0.4.3"]


@pytest.mark.parametrize(
    ("error", "expected", "words"),
    [
        (MissingDependencyError("ragas", "ragas"), MissingDependencyError, r"pip install 'ragstone\[ragas\]'"),
        (ModuleNotFoundError("x", name="langchain_community.chat_models.vertexai"), PluginError, "vertexai"),
    ],
)
def test_a_ragas_that_does_not_load_says_so(
    monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[Exception], words: str
) -> None:
    def refuse(*_: str) -> None:
        raise error

    monkeypatch.setattr(ragas_client, "require", refuse)
    with pytest.raises(expected, match=words):
        ragas_metrics.build(Means(None))
