from collections.abc import Callable, Mapping, Sequence

import pytest

from ragstone.evaluation.records import Metric, Outcome, Provenance, Report, Score, Unscored, failed, not_applicable
from ragstone.types import Case

Given = float | str
"""A score, "failed" or "not_applicable"."""


def verdict(given: Given) -> Score | Unscored:
    if isinstance(given, str):
        return failed("judge down") if given == "failed" else not_applicable("refused")
    return Score(value=given)


def make_report(
    scores: Mapping[str, Sequence[Given]],
    metrics: Sequence[Metric] = (),
    per_cluster: int = 1,
    suite: str = "suite",
    **provenance: object,
) -> Report:
    """A report with one case for each column of ``scores``; odd cases are Chinese."""
    count = len(next(iter(scores.values())))
    return Report(
        suite=suite,
        provenance=Provenance.model_validate(
            {"created": "2026-01-01", "ragstone": "0", "python": "3.11", **provenance}
        ),
        metrics=tuple(metrics) or tuple(Metric(name=name) for name in scores),
        outcomes=tuple(
            Outcome(
                case=Case(
                    id=f"case-{n}",
                    question="问题？" if n % 2 else "What?",
                    language="zh" if n % 2 else "en",
                    cluster=f"document-{n // per_cluster}" if per_cluster > 1 else "",
                    tags=("topic-fees",) if n % 3 else ("主题-退货", "topic-returns"),
                    attributes={"gender": "female" if n % 2 else "male"} if n < 10 else {},
                    split="dev" if n < 2 else "test",
                ),
                verdicts={name: verdict(column[n]) for name, column in scores.items()},
            )
            for n in range(count)
        ),
    )


@pytest.fixture
def report() -> Callable[..., Report]:
    return make_report
