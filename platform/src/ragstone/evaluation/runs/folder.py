"""The folder of a run: ``answers.jsonl`` and ``scores.jsonl``.

Answers and scores are kept apart, so that the same answers can be scored by other scorers without asking again. Both
hold texts of answers: the folder is made for its owner alone, and removing it removes them.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import Field, TypeAdapter, ValidationError

from ragstone.errors import UsageError
from ragstone.evaluation.records import Provenance, Unscored, Verdict
from ragstone.evaluation.runs.encoding import digest
from ragstone.evaluation.runs.journal import Journal, Rows, read_journal
from ragstone.types import Answer, Case, Record

ANSWERS = "answers.jsonl"
SCORES = "scores.jsonl"

_VERDICTS: TypeAdapter[dict[str, Verdict]] = TypeAdapter(dict[str, Verdict])


class Header(Record):
    """Which run this is. ``identity`` maps what would change the answers to digests; ``cases`` are in order."""

    identity: Mapping[str, str]
    suite: str
    provenance: Provenance
    cases: tuple[Case, ...] = Field(min_length=1)


class Reply(Record):
    """What the system gave for a case: an answer, or the error that it raised."""

    answer: Answer | None = None
    error: str | None = None
    seconds: float | None = None


class Finished:
    """What a run has finished. With ``retry_failed``, what failed counts as not finished."""

    def __init__(self, answers: Rows, scores: Rows, retry_failed: bool = False) -> None:
        self._answers = answers
        self._scores = scores
        self._retry_failed = retry_failed

    def reply(self, case: Case) -> Reply | None:
        """The reply that was kept for a case."""
        reply = _as_reply(self._answers.rows.get(case.id))
        return None if reply is not None and reply.error and self._retry_failed else reply

    def keep_reply(self, case: Case, reply: Reply) -> None:
        """Keep a new one."""
        self._answers.append(case.id, reply)

    def verdicts(self, case: Case, reply: Reply, scorer: str) -> dict[str, Verdict] | None:
        """What the scorer of this identity said of exactly this reply."""
        try:
            found = _VERDICTS.validate_python(self._scores.rows[digest([scorer, case.id, reply])])
        except (KeyError, ValidationError):
            return None
        failed = any(isinstance(verdict, Unscored) and verdict.status == "failed" for verdict in found.values())
        return None if failed and self._retry_failed else found

    def keep_verdicts(self, case: Case, reply: Reply, scorer: str, verdicts: Mapping[str, Verdict]) -> None:
        """Keep new ones."""
        self._scores.append(digest([scorer, case.id, reply]), verdicts)


@contextmanager
def open_finished(path: Path | None, header: Header, retry_failed: bool) -> Generator[Finished]:
    """What the folder holds of this run; without a folder nothing is kept.

    Raises:
        UsageError: the folder belongs to another run, is damaged, or another process writes to it.
    """
    if path is None:
        yield Finished(Rows(), Rows())
        return
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with FileLock(path / "LOCK", timeout=0):
            answers = Journal(path / ANSWERS, header.model_dump())
            scores = Journal(path / SCORES, {"identity": header.identity})
            try:
                yield Finished(answers, scores, retry_failed)
            finally:
                answers.close()
                scores.close()
    except Timeout as error:
        raise UsageError(f"Another process runs in '{path}'. Wait for its end, or name another folder.") from error


def read_answers(path: Path) -> tuple[Header, dict[str, Reply]]:
    """The header of a run and the replies by case id, whether or not the run came to its end.

    Raises:
        UsageError: the folder holds no run that this version reads.
    """
    header, rows, _ = read_journal(path / ANSWERS)
    replies = {name: _as_reply(row) for name, row in rows.items()}
    try:
        return Header.model_validate(header), {name: reply for name, reply in replies.items() if reply is not None}
    except ValidationError:
        raise UsageError(f"'{path}' holds no run that this version reads. Run the suite again.") from None


def _as_reply(row: Any) -> Reply | None:
    try:
        return None if row is None else Reply.model_validate(row)
    except ValidationError:  # of another version, or changed by hand: the case is done again
        return None
