"""Report files: the same bytes for the same report, and baselines without texts."""

import os
import subprocess
import sys

import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.records import Finding, Outcome, Report, Score, failed, not_applicable
from ragstone.evaluation.runs.encoding import canonical, digest
from ragstone.evaluation.runs.files import encode, read_report, slim, write_report
from ragstone.types import Answer, Case, ExpectedEvidence, Span, Turn


@pytest.fixture
async def report(lab) -> Report:
    return await lab.run(scorers={"exact": lab.exact(), "paired": lab.paired()})


async def test_a_report_comes_back_and_has_one_line_for_an_outcome(report, tmp_path) -> None:
    path = tmp_path / "new" / "report.json"
    write_report(path, report)
    assert encode(read_report(path)) == encode(report) == path.read_text(encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 10 + 2
    assert "保修多久" in path.read_text(encoding="utf-8")
    assert [entry.name for entry in path.parent.iterdir()] == ["report.json"]


async def test_a_crash_while_writing_leaves_the_old_report(report, tmp_path, monkeypatch) -> None:
    path = tmp_path / "report.json"
    write_report(path, report)

    def crash(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="No space"):
        write_report(path, report.model_copy(update={"suite": "another"}))
    assert read_report(path).suite == "warranty"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "the file: json_invalid"),
        (b'{"suite": "s"', "the file: json_invalid"),
        (b'{"suite": "s"}', "provenance: missing"),
        ('{"schema_version": 2, "suite": "王小明"}'.encode(), "schema_version: literal_error"),
    ],
)
def test_what_is_no_report_is_refused_without_its_text(tmp_path, content, place) -> None:
    (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(UsageError, match=f"is no report of this version: {place}. Run the suite again.") as raised:
        read_report(tmp_path / "report.json")
    assert "王小明" not in str(raised.value)


def test_a_report_that_is_not_there_says_how_to_make_one(tmp_path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: No such file or directory. Run: ragstone eval run"):
        read_report(tmp_path / "report.json")


async def test_a_baseline_keeps_what_a_comparison_needs_and_no_text(report) -> None:
    case = Case(
        id="zh-9",
        question="王小明的问题",
        language="zh",
        reference="王小明",
        evidence=(ExpectedEvidence(quote="王小明"),),
        expected={"name": "王小明"},
        conversation=(Turn(role="user", text="王小明"),),
        tags=("topic:warranty",),
        cluster="model-9",
        attributes={"gender": "male"},
        split="dev",
    )
    answer = Answer(text="王小明", language="zh")
    finding = Finding(span=Span(start=0, end=3), label="王小明")
    verdicts = {
        "exact": Score(value=0.25, findings=(finding,), detail={"why": "王小明"}),
        "paired_gap": not_applicable("not part of a group"),
    }
    full = report.model_copy(
        update={
            "outcomes": (
                Outcome(case=case, answer=answer, verdicts=verdicts, seconds=1.5),
                Outcome(case=case, error="ServerError: x", verdicts={"exact": failed("no answer")}),
            )
        }
    )
    bare = slim(full)
    assert "王小明" not in encode(bare)
    first, second = bare.outcomes
    assert (first.case.id, first.case.unit, first.case.tags) == ("zh-9", "model-9", ("topic:warranty",))
    assert (first.case.attributes, first.case.language, first.case.split) == ({"gender": "male"}, "zh", "dev")
    assert first.verdicts == {"exact": Score(value=0.25), "paired_gap": not_applicable("not part of a group")}
    assert (first.seconds, first.answer) == (1.5, None)
    assert (second.error, second.verdicts) == ("ServerError: x", {"exact": failed("no answer")})
    assert (bare.metrics, bare.provenance, bare.suite) == (full.metrics, full.provenance, full.suite)
    assert slim(bare) == bare


def test_canonical_json_does_not_depend_on_the_order_of_sets() -> None:
    program = (
        "from ragstone.evaluation.runs.encoding import digest; from ragstone.types import Document;"
        "print(digest(Document(id='d', text='两', language='zh', groups=frozenset('abcdefghij'))))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_canonical_json_refuses_what_would_not_come_back() -> None:
    assert canonical({"b": (1, 2.0), "a": frozenset({"两", "b"})}) == '{"a":["b","两"],"b":[1,2.0]}'
    assert len(digest("")) == 64
    for wrong in (float("nan"), float("inf"), "\ud800"):
        with pytest.raises(ValueError, match=r"."):
            canonical([wrong])
    for unknown in (object(), {1, "a"}, b""):
        with pytest.raises(TypeError):
            canonical(unknown)
