"""Report files: JSON with one outcome a line, the same bytes for the same report."""

from pathlib import Path

from pydantic import ValidationError

from ragstone.errors import UsageError
from ragstone.evaluation.records import Outcome, Report, Score, Verdict
from ragstone.evaluation.runs.encoding import canonical
from ragstone.evaluation.runs.journal import write_atomically
from ragstone.types import Case

LEFT_OUT = "(left out)"
"""Stands for the question in a slim report."""


def encode(report: Report) -> str:
    """The text of a report file. Nothing in it depends on when or where it is written."""
    facts = canonical(report.model_dump(exclude={"outcomes"}))
    return f'{facts[:-1]},"outcomes":[\n{encode_outcomes(report)}\n]}}\n'


def encode_outcomes(report: Report) -> str:
    """The part of the text that a replay gives again, byte for byte."""
    return ",\n".join(canonical(outcome) for outcome in report.outcomes)


def write_report(path: Path, report: Report) -> None:
    """Write a report file in one step.

    Raises:
        OSError: it cannot be written.
    """
    write_atomically(path, encode(report))


def read_report(path: Path) -> Report:
    """Read a report file.

    Raises:
        UsageError: it cannot be read, or is no report of this version.
    """
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"Report '{path}' cannot be read: {error.strerror}. Run: ragstone eval run") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(
            f"'{path}' is no report of this version: {place}: {first['type']}. Run the suite again."
        ) from None


def slim(report: Report) -> Report:
    """A baseline: what a comparison needs, without a text of a question, an answer or a document.

    Kept of a case are its id, language, split, tags, cluster and attributes; of a verdict its value, or why there is
    none.
    """
    return report.model_copy(update={"outcomes": tuple(_slim(outcome) for outcome in report.outcomes)})


def _slim(outcome: Outcome) -> Outcome:
    case = outcome.case
    return Outcome(
        case=Case(
            id=case.id,
            question=LEFT_OUT,
            language=case.language,
            answerable=case.answerable,
            tags=case.tags,
            cluster=case.cluster,
            attributes=case.attributes,
            split=case.split,
        ),
        error=outcome.error,
        verdicts={name: _bare(verdict) for name, verdict in outcome.verdicts.items()},
        seconds=outcome.seconds,
    )


def _bare(verdict: Verdict) -> Verdict:
    return Score(value=verdict.value) if isinstance(verdict, Score) else verdict
