"""The offline scorers beside people's labels: ``python -m tests.benchmarks.grounding.agreement``.

Each set of ``RAGSTONE_DATA`` whose answers come with their sources is measured. AUROC: the chance that an answer with
an error scores worse than one without, over all rows. Balanced accuracy (BA) and F1: on half of the sources, with the
threshold of best BA on the other half (halves by a hash of the source). Intervals: 95 %, bootstrap of whole sources.
The sets that the detector was trained on (marked "folds") are judged by trees that saw no answer to the same source.
Floors: length (log words) and new words (share of content words that the source lacks); always saying "error" has BA
50 and the F1 that is given.
"""

import hashlib
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from tests.benchmarks.common import publish
from tests.benchmarks.grounding.data import READERS, missing
from tests.benchmarks.grounding.planted import planted_pairs
from tests.benchmarks.grounding.train import SETS, Prepared, held_out, prepare
from tests.benchmarks.grounding.train_stack import ANSWERS, collect, stacked_folds

from ragstone.answering.grounding.detector import answer_log_odds, load_detector
from ragstone.answering.grounding.features import NAMES
from ragstone.answering.grounding.reading import Reading
from ragstone.answering.grounding.source import Source
from ragstone.evaluation.statistics.curves import best_threshold, f1
from ragstone.evaluation.statistics.detection import Interval, detect
from ragstone.types import Span

COLUMNS = ("set", "language", "n", "errors", "scorer", "AUROC", "BA", "F1", "F1 of always")
READ_THIS = """What this says, for and against:

- On answers of the kind that it was trained on, unseen ones, the detector is well above both floors for question
  answering, for data turned to text and for Chinese news. For summaries it is no better than counting new words.
- It travels badly. On FRANK and HaluEval's summaries counting new words does better; HaluEval's question answering
  is told by length alone. On claims that need inference (FaithBench, HealthVer, Fool Me Twice, Goyal 2021) it is at
  or near chance: do not use it there, and calibrate it on your own data before a release rests on it.
- Reading with the small model adds most to question answering, a little to summaries and nothing to data or Chinese
  clauses. The likelihood of the least raised sentence alone is no better than the words.
- Only the Data2txt rows of the RAGTruth subset are known to be of its official test split; none of these figures may be
  set beside published ones for question answering and summaries, whose sources were selected by their labels."""
HEADER = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"
LANGUAGES = {name: language for language, name in SETS.items()}


def tuning(group: str) -> bool:
    """Whether a source belongs to the half on which thresholds are chosen."""
    return hashlib.sha256(f"half-{group}".encode()).digest()[0] % 2 == 0


def row(data: Sequence[Prepared], name: str, scores: Sequence[float]) -> str:
    """One line of the table."""
    values, labels = np.asarray(scores), np.asarray([item.row.label for item in data])
    groups = [item.row.group for item in data]
    dev = np.asarray([tuning(group) for group in groups])
    threshold = best_threshold(values[dev], labels[dev])
    whole = detect(values, labels, groups, threshold)
    half = detect(values[~dev], labels[~dev], [group for group in groups if not tuning(group)], threshold)
    always = f1(np.ones(int((~dev).sum()), dtype=bool), labels[~dev])
    cells = [data[0].row.dataset, data[0].row.language, str(len(data)), str(whole.positives), name]
    cells += [shown(whole.auroc), shown(half.balanced_accuracy), shown(half.f1), f"{100 * always:.1f}"]
    return f"| {' | '.join(cells)} |"


def shown(interval: Interval) -> str:
    """A share in percent with its interval."""
    return f"{100 * interval.value:.1f} [{100 * (interval.low or 0):.1f}, {100 * (interval.high or 0):.1f}]"


def floors(data: Sequence[Prepared]) -> dict[str, list[float]]:
    """What needs no detector."""
    words, new = NAMES.index("words"), NAMES.index("covered")
    return {
        "length": [float(np.log1p(item.features[:, words].sum())) for item in data],
        "new words": [1.0 - float(item.features[:, new].mean()) for item in data],
    }


def detector_scores(name: str, data: Sequence[Prepared]) -> tuple[str, list[float]]:
    """The detector's log-odds of every answer."""
    if name in LANGUAGES:
        planted = prepare(list(planted_pairs([item.row for item in data], LANGUAGES[name])))
        return "faithfulness (folds)", [answer_log_odds(values) for values in held_out(data, planted)]
    trees = load_detector("zh" if data[0].row.language == "zh" else "en").weights.trees
    return "faithfulness", [answer_log_odds(trees.log_odds(item.features)) for item in data]


def split(data: Sequence[Prepared], choose: Callable[[Prepared], str]) -> dict[str, list[int]]:
    """Indices by name, in order of appearance."""
    found: dict[str, list[int]] = {}
    for index, item in enumerate(data):
        found.setdefault(choose(item), []).append(index)
    return found


def fast_rows() -> list[str]:
    """Every set, the scorers that need milliseconds."""
    lines: list[str] = []
    for name, reader in READERS.items():
        data = prepare(list(reader()))
        label, scores = detector_scores(name, data)
        for indices in split(data, lambda item: item.row.dataset).values():
            part = [data[index] for index in indices]
            columns = {label: [scores[index] for index in indices], **floors(part)}
            lines += [row(part, column, values) for column, values in columns.items()]
            print(lines[-len(columns)], file=sys.stderr, flush=True)
    return lines


def slow_rows() -> list[str]:
    """The sets that were read by the small language model, all columns on the same answers."""
    lines: list[str] = []
    for language in ANSWERS:
        data, detected = collect(language)
        stacked = [answer_log_odds(values) for values in stacked_folds(data, detected)]
        for indices in split([item.item for item in data], lambda item: item.row.dataset).values():
            chosen = [data[index] for index in indices]
            columns = {
                "likelihood.least_raised": [-least(item.reading, item.spans) for item in chosen],
                "faithfulness.stacked (folds)": [stacked[index] for index in indices],
                "faithfulness (folds)": [answer_log_odds(detected[index]) for index in indices],
                **floors([item.item for item in chosen]),
            }
            lines += [row([item.item for item in chosen], name, values) for name, values in columns.items()]
    return lines


def least(reading: Reading, spans: Sequence[Span]) -> float:
    """How much the source raises the sentence that it raises least, in nats."""
    raised = [reading.mean_raised(span) for span in spans]
    return min((value for value in raised if value is not None), default=0.0)


def speed(count: int = 200) -> str:
    """Answers a second of the detector, sources read anew for each."""
    rows = list(READERS["ragtruth"]())[:: max(1, 1375 // count)]
    detector = load_detector("en")
    started = time.perf_counter()
    for item in rows:
        detector.judge(item.answer, Source.of([item.source], item.question), "en")
    seconds = (time.perf_counter() - started) / len(rows)
    pace = f"{1 / seconds:.0f} a second ({1000 * seconds:.1f} ms each)"
    return f"`faithfulness` judged {len(rows)} answers of RAGTruth at {pace}."


def main() -> None:
    """Measure and publish."""
    reason = missing()
    if reason:
        sys.exit(f"Nothing measured: {reason}.")
    title, explanation = "## Offline faithfulness beside people", (__doc__ or "").split("\n\n", 1)[1]
    body = [title, "", explanation.strip(), "", HEADER, *fast_rows(), "", speed(), ""]
    body += ["Read by the small language model (the first sources by hash):", "", HEADER, *slow_rows(), "", READ_THIS]
    publish("grounding", "python -m tests.benchmarks.grounding.agreement", "\n".join(body))


if __name__ == "__main__":
    main()
