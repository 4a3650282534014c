"""From a fault to the verdict on a release: no row is lost, and nothing passes for want of data."""

import asyncio
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ragstone.errors import ServerError
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.records import Report, Score
from ragstone.evaluation.runs.files import slim
from ragstone.evaluation.runs.runner import replay
from ragstone.models.chat import ChatModel, Endpoint
from ragstone.types import Answer

RULES = GateRules.from_mapping(
    {"metrics": {"exact": {"margin": 0.1, "slices": ["language"]}, "judged": {"margin": 0.1, "minimum": 0.8}}}
)
WRONG = Answer(text="never", language="en")


@pytest.fixture
async def baseline(large_lab) -> Report:
    return slim(await large_lab.run(scorers=scorers(large_lab)))


def scorers(lab, judging=None) -> dict:
    return {"exact": lab.exact(), "judging": judging or lab.judging()}


def every(n: int, fault):
    """The fault on every n-th model, in both languages."""
    return lambda case_id: fault(case_id) if int(case_id.split("-")[1]) % n == 0 else None


def down(_: str) -> None:
    raise ServerError("The server is down. Start it.")


def hang(_: str):
    return asyncio.sleep(60)


async def judged(lab, baseline, system=None, judging=None, **options) -> tuple[dict, str]:
    report = await lab.run(system, scorers(lab, judging), concurrency=80, timeout=2, **options)
    return lab.counts(report), decide(baseline, report, RULES).verdict


async def test_a_system_that_did_not_change_passes_and_one_that_broke_fails(large_lab, baseline) -> None:
    assert await judged(large_lab, baseline) == ({"exact": {"score": 80}, "judged": {"score": 80}}, "PASS")
    broken = large_lab.system(every(3, lambda _: WRONG))
    assert (await judged(large_lab, baseline, broken))[1] == "FAIL"


@pytest.mark.parametrize("fault", [down, lambda _: 1 // 0, lambda _: "text", hang], ids=["down", "bug", "type", "slow"])
@pytest.mark.parametrize(("n", "failed"), [(1, 80), (2, 40), (5, 16)])
async def test_missing_answers_never_pass(large_lab, baseline, fault, n, failed) -> None:
    counts, verdict = await judged(large_lab, baseline, large_lab.system(every(n, fault)))
    kept = {"score": 80 - failed} if failed < 80 else {}
    assert counts == {"exact": {**kept, "failed": failed}, "judged": {**kept, "failed": failed}}
    assert verdict in ("INCONCLUSIVE", "FAIL")


async def test_missing_answers_do_not_hide_a_loss(large_lab, baseline) -> None:
    def fault(case_id: str):
        number = int(case_id.split("-")[1])
        return down(case_id) if number % 10 == 0 else WRONG if number % 2 else None

    counts, verdict = await judged(large_lab, baseline, large_lab.system(fault))
    assert counts["exact"] == {"score": 72, "failed": 8}
    assert verdict == "FAIL"


async def test_a_baseline_with_gaps_does_not_pass_anything(large_lab) -> None:
    gaps = await large_lab.run(large_lab.system(every(2, down)), scorers(large_lab))
    imperfect = large_lab.system(every(3, lambda _: WRONG))
    assert (await judged(large_lab, slim(gaps), imperfect))[1] == "INCONCLUSIVE"
    assert (await judged(large_lab, slim(gaps)))[1] == "PASS"  # without a fault it cannot be worse than anything


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I think it is good.",
        "很好。",
        '{"score": NaN}',
        '{"score": 1e999}',
        '{"score": 7}',
        "{}",
        "[1]",
        '{"score": "好"}',
    ],
)
async def test_garbage_from_a_judge_is_no_score(large_lab, baseline, reply) -> None:
    counts, verdict = await judged(large_lab, baseline, judging=large_lab.judging(reply))
    assert counts == {"exact": {"score": 80}, "judged": {"failed": 80}}
    assert verdict == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("after", "counts", "verdict"),
    [
        (0, {"failed": 80}, "INCONCLUSIVE"),
        (40, {"score": 40, "failed": 40}, "INCONCLUSIVE"),
        (80, {"score": 80}, "PASS"),
    ],
)
async def test_a_judge_that_dies_midway_leaves_the_other_metrics_alone(
    large_lab, baseline, after, counts, verdict
) -> None:
    judging = large_lab.judging()
    works = judging.chat.complete

    async def dies(*arguments):
        if len(judging.chat.requests) >= after:
            raise ServerError("The judge is down. Start it.")
        return await works(*arguments)

    judging.chat.complete = dies
    found, ruling = await judged(large_lab, baseline, judging=judging)
    assert found == {"exact": {"score": 80}, "judged": counts}
    assert ruling == verdict


async def test_an_interrupted_run_does_not_pass_until_it_is_resumed(large_lab, baseline, tmp_path) -> None:
    running = asyncio.current_task()
    system = large_lab.system(lambda name: asyncio.sleep(60) if name == "en-20" and running.cancel() else None)
    with pytest.raises(asyncio.CancelledError):
        await large_lab.run(system, scorers(large_lab), folder=tmp_path)
    running.uncancel()
    path = tmp_path / "answers.jsonl"
    path.write_bytes(path.read_bytes()[:-9])  # as if the power had failed, too
    stopped = await replay(tmp_path, scorers(large_lab))
    assert large_lab.counts(stopped)["exact"] == {"score": 39, "failed": 41}
    assert decide(baseline, stopped, RULES).verdict == "INCONCLUSIVE"
    rest = large_lab.system()
    assert await judged(large_lab, baseline, rest, folder=tmp_path) == (
        {"exact": {"score": 80}, "judged": {"score": 80}},
        "PASS",
    )
    assert len(rest.asked) == 41


class Faulty:
    """A server that answers every request so, after ``delay`` seconds."""

    def __init__(self, status: int = 200, body: bytes = b"{}", delay: float = 0.0) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(delay)
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 (the name that http.server calls)

            def log_message(self, *_: object) -> None:
                """Not to the standard error under test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"status": 500}, "ServerError: "),
        ({"status": 200, "body": b"<html>" + "王小明".encode()}, ""),
        ({"status": 200, "body": json.dumps({"data": []}).encode()}, "ServerError: "),
        ({"delay": 1.0}, "no verdict in 0.5 s"),
        (None, "ServerError: "),
    ],
    ids=["500", "garbage", "no model", "slow", "closed"],
)
async def test_a_real_judge_server_with_faults_gives_reasons_and_no_text(lab, behaviour, reason) -> None:
    server = Faulty(**(behaviour or {}))
    if behaviour is None:
        server.close()
    chat = ChatModel(Endpoint(base_url=server.url, model="judge", retries=0))
    try:
        timeout = 0.5 if reason.startswith("no verdict") else 60
        report = await lab.run(scorers=scorers(lab, lab.judging_by(chat)), concurrency=10, timeout=timeout)
    finally:
        await chat.aclose()
        if behaviour is not None:
            server.close()
    assert lab.counts(report) == {"exact": {"score": 10}, "judged": {"failed": 10}}
    for text in lab.reasons(report, "judged"):
        assert text.startswith(reason)
        assert "王小明" not in text
        assert "保修" not in text
    assert all(isinstance(outcome.verdicts["exact"], Score) for outcome in report.outcomes)
