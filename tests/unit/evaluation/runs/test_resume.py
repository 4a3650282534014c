"""What is finished is kept: whatever stops a run, nothing is lost and nothing is asked twice."""

import asyncio
import json
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ragstone.errors import ServerError, UsageError
from ragstone.evaluation.records import Metric, Score
from ragstone.evaluation.runs.files import encode, encode_outcomes, read_report
from ragstone.evaluation.runs.runner import replay

PROGRAM = Path(__file__).with_name("interruptible.py")


def rows(folder: Path, name: str = "answers.jsonl") -> list[str]:
    return (folder / name).read_text(encoding="utf-8").splitlines()[1:]


async def cancelled(lab, folder: Path, after: int, concurrency: int = 1):
    """A run that is cancelled when the system is asked for the ``after``-th time."""
    running = asyncio.current_task()

    def stop(_: str):
        return asyncio.sleep(60) if len(system.asked) > after and (running.cancel() or True) else None

    system = lab.system(stop)
    with pytest.raises(asyncio.CancelledError):
        await lab.run(system, folder=folder, concurrency=concurrency)
    running.uncancel()


@pytest.mark.parametrize("concurrency", [1, 3])
@pytest.mark.parametrize("after", [0, 1, 5, 9])
async def test_a_cancelled_run_goes_on_where_it_was(lab, tmp_path, after, concurrency, caplog) -> None:
    await cancelled(lab, tmp_path / "run", after, concurrency)
    assert f"Stopped with {len(rows(tmp_path / 'run'))} of 10 cases finished. To go on, run it again" in caplog.text
    kept = {json.loads(row)["id"] for row in rows(tmp_path / "run")}
    assert len(kept) <= after
    assert len(kept) >= after - concurrency + 1
    system, exact = lab.system(), lab.exact()
    report = await lab.run(system, {"exact": exact}, folder=tmp_path / "run")
    assert set(system.asked) == {case.id for case in lab.cases} - kept
    assert set(exact.scored) == set(system.asked)
    assert lab.counts(report) == {"exact": {"score": 10}}
    assert len(system.asked) + len(kept) == 10


async def test_a_finished_run_asks_and_scores_nothing_again(lab, tmp_path) -> None:
    first = await lab.run(folder=tmp_path)
    system, exact = lab.system(), lab.exact()
    again = await lab.run(system, {"exact": exact}, folder=tmp_path)
    assert (system.asked, exact.scored) == ([], [])
    assert encode(again) == encode(first)
    assert lab.ran == [(done, 10) for done in range(1, 11)] * 2


@pytest.mark.parametrize("name", ["answers.jsonl", "scores.jsonl"])
async def test_a_torn_last_line_is_counted_and_its_case_done_again(lab, tmp_path, name, caplog) -> None:
    await lab.run(folder=tmp_path)
    whole = (tmp_path / name).read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])
    for cut in (1, 2, 3, *range(4, last, 31), last - 1, last):
        (tmp_path / name).write_bytes(whole[:-cut])
        caplog.clear()
        system, exact = lab.system(), lab.exact()
        report = await lab.run(system, {"exact": exact}, folder=tmp_path)
        assert lab.counts(report) == {"exact": {"score": 10}}
        assert system.asked == (["zh-4"] if name == "answers.jsonl" else [])
        assert exact.scored == ["zh-4"] or name == "answers.jsonl"
        torn = f"1 lines of {name} were torn; these cases are done again."
        assert (torn in caplog.text) == (cut < last)  # at the line break nothing is left of the line
        assert len(rows(tmp_path, name)) == 10 or name == "scores.jsonl"


async def test_lines_that_a_crash_filled_with_nothing_are_done_again(lab, tmp_path, caplog) -> None:
    await lab.run(folder=tmp_path)
    lines = (tmp_path / "answers.jsonl").read_bytes().splitlines(keepends=True)
    lines[2], lines[5], lines[6] = b"\0" * 40 + b"\n", b"[]\n", b'{"id":"zh-2","row":{"strange":1}}\n'
    (tmp_path / "answers.jsonl").write_bytes(b"".join(lines))
    system = lab.system()
    report = await lab.run(system, folder=tmp_path)
    assert system.asked == ["zh-0", "en-2", "zh-2"]
    assert "2 lines of answers.jsonl were torn" in caplog.text
    assert len(report.outcomes) == 10
    assert len(rows(tmp_path)) == 11  # the strange one is readable and superseded


async def test_a_new_answer_is_scored_anew(lab, tmp_path) -> None:
    await lab.run(folder=tmp_path)
    lines = (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "answers.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    exact = lab.exact()
    await lab.run(lab.system(lambda _: None), {"exact": exact}, folder=tmp_path)
    assert exact.scored == ["zh-4"]  # its time differs, so it is another reply


async def test_other_scorers_score_the_same_answers_without_asking(lab, tmp_path) -> None:
    await lab.run(folder=tmp_path)
    system, exact = lab.system(), lab.exact()
    report = await lab.run(system, {"exact": exact, "judging": lab.judging(), "p": lab.paired()}, folder=tmp_path)
    assert (system.asked, exact.scored) == ([], [])
    assert lab.counts(report)["judged"] == {"score": 10}
    tighter = lab.exact(lambda _: {"exact": Score(value=0.5)}, (Metric(name="exact", source="another formula"),))
    report = await lab.run(system, {"exact": tighter}, folder=tmp_path)
    assert (system.asked, len(tighter.scored)) == ([], 10)
    assert {outcome.verdicts["exact"].value for outcome in report.outcomes} == {0.5}


async def test_failures_are_kept_unless_they_are_to_be_tried_again(lab, tmp_path) -> None:
    down = ServerError("The server is down. Start it.")

    def broken(case_id: str) -> None:
        if case_id in ("en-1", "zh-2"):
            raise down

    first = await lab.run(lab.system(broken), {"exact": lab.exact(broken)}, folder=tmp_path)
    assert lab.counts(first) == {"exact": {"score": 8, "failed": 2}}
    system, exact = lab.system(), lab.exact(lambda name: broken("en-1") if name == "en-3" else None)
    same = await lab.run(system, {"exact": exact}, folder=tmp_path)
    assert (system.asked, exact.scored) == ([], [])
    assert encode_outcomes(same) == encode_outcomes(first)
    again = await lab.run(system, {"exact": exact}, folder=tmp_path, retry_failed=True)
    assert system.asked == exact.scored == ["en-1", "zh-2"]
    assert lab.counts(again) == {"exact": {"score": 10}}
    rescored = await lab.run(system, {"exact": lab.exact(broken)}, folder=tmp_path)
    assert encode_outcomes(rescored) == encode_outcomes(again)


async def test_a_failed_verdict_is_tried_again_on_the_same_answer(lab, tmp_path) -> None:
    await lab.run(scorers={"exact": lab.exact(lambda name: 1 // 0 if name == "zh-1" else None)}, folder=tmp_path)
    system, exact = lab.system(), lab.exact()
    report = await lab.run(system, {"exact": exact}, folder=tmp_path, retry_failed=True)
    assert (system.asked, exact.scored) == ([], ["zh-1"])
    assert lab.counts(report) == {"exact": {"score": 10}}


@pytest.mark.parametrize(
    ("facts", "options", "part"),
    [
        ({"system": "warranty 2"}, {}, "system"),
        ({"models": {"m": "0" * 64}}, {}, "models"),
        ({"settings": {"retrieval": {"passages": 9}}}, {}, "settings"),
        ({"indexes": {"c": "1"}}, {}, "indexes"),
        ({"code": "1"}, {}, "code"),
        ({"data": {"a": "1"}}, {}, "data files"),
        ({}, {"seed": 8}, "seed"),
        ({}, {"limit": 3}, "cases"),
        ({"system": "x", "code": "1"}, {}, "code, system"),
    ],
)
async def test_the_folder_of_another_run_is_refused(lab, tmp_path, facts, options, part) -> None:
    original = (await lab.run(folder=tmp_path)).provenance
    before = (tmp_path / "answers.jsonl").read_bytes()
    system = lab.system()
    with pytest.raises(UsageError, match=f"holds a run that differs from this one in: {part}. Name another folder"):
        await lab.run(system, provenance=original.model_copy(update=facts), folder=tmp_path, **options)
    assert system.asked == []
    assert (tmp_path / "answers.jsonl").read_bytes() == before
    later = original.model_copy(update={"created": "2027-01-01", "machine": "another", "packages": {"x": "1"}})
    await lab.run(system, provenance=later, folder=tmp_path)
    assert system.asked == []


@pytest.mark.parametrize("content", [b"", b"\0\0\n", b"[1]\n", b'{"some": "json"}\n', "不是\n".encode()])
async def test_a_file_that_is_no_run_is_refused_and_left_alone(lab, tmp_path, content) -> None:
    (tmp_path / "answers.jsonl").write_bytes(content)
    with pytest.raises(UsageError, match=r"does not begin as a run does\. Name another folder"):
        await lab.run(folder=tmp_path)
    with pytest.raises(UsageError, match="does not begin as a run does"):
        await replay(tmp_path, {})
    assert (tmp_path / "answers.jsonl").read_bytes() == content


async def test_two_runs_do_not_share_a_folder(lab, tmp_path) -> None:
    async def meddle() -> None:
        with pytest.raises(UsageError, match="Another process runs in"):
            await lab.run(folder=tmp_path)

    report = await lab.run(lab.system(lambda name: meddle() if name == "en-0" else None), folder=tmp_path)
    assert report.outcomes[0].error == "the system gave NoneType, not an Answer"


async def test_the_folder_is_its_owners_alone_and_the_disk_gets_the_rows(lab, tmp_path, monkeypatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("ragstone.evaluation.runs.journal.SYNC_SECONDS", 0)
    monkeypatch.setattr("ragstone.evaluation.runs.journal.os.fsync", synced.append)
    await lab.run(folder=tmp_path / "run")
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
    assert len(synced) == 2 + 10 + 10 + 2  # two headers, the rows, two ends


async def test_replay_gives_the_same_bytes(lab, tmp_path) -> None:
    def broken(case_id: str):
        return 1 // 0 if case_id == "zh-3" else None

    scorers = {"exact": lab.exact(broken), "judging": lab.judging(), "paired": lab.paired()}
    system = lab.system(lambda name: asyncio.sleep(60) if name == "en-4" else None)
    report = await lab.run(system, scorers, folder=tmp_path, timeout=0.3)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    replayed = await replay(tmp_path, scorers)
    assert encode_outcomes(replayed) == encode_outcomes(report)
    assert encode(replayed) == encode(report)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    fewer = await replay(tmp_path, {"judging": lab.judging()})
    assert fewer.provenance.scorers == ("judging",)
    assert lab.counts(fewer) == {"judged": {"score": 9, "failed": 1}}
    with pytest.raises(UsageError, match="Two scorers measure"):
        await replay(tmp_path, {"a": lab.exact(), "b": lab.exact()})


async def test_replay_of_a_stopped_run_shows_what_is_missing(lab, tmp_path) -> None:
    await cancelled(lab, tmp_path, 4)
    report = await replay(tmp_path, {"exact": lab.exact()})
    assert lab.counts(report) == {"exact": {"score": 4, "failed": 6}}
    assert {outcome.error for outcome in report.outcomes[4:]} == {"not answered: the run was stopped before"}


async def test_replay_needs_the_folder_of_a_run(tmp_path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: No such file or directory. Name the folder of a run."):
        await replay(tmp_path, {})
    (tmp_path / "answers.jsonl").write_text('{"identity":{}}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="holds no run that this version reads"):
        await replay(tmp_path, {})


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_stopped_loses_no_row(tmp_path, kind) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen([sys.executable, PROGRAM, folder, "0.05"], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (folder / "answers.jsonl").exists() or len(rows(folder)) < 3:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(kind)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (-kind, 130)
    if kind == signal.SIGINT:
        assert f"To go on, run it again with the same folder, '{folder}'." in err
    kept = len((folder / "answers.jsonl").read_bytes().split(b"\n")) - 2
    assert 3 <= kept < 40
    ended = subprocess.run([sys.executable, PROGRAM, folder, "0"], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["asked", str(40 - kept)]
    report = read_report(folder / "report.json")
    assert len(report.outcomes) == 40
    assert all(isinstance(outcome.verdicts["length"], Score) for outcome in report.outcomes)
