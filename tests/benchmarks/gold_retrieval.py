"""Recall@5 and nDCG@10 of lexical, dense and fused retrieval on the gold sets.

Run: ``python -m tests.benchmarks.gold_retrieval``. Needs built indexes (``ragstone index build``). A passage is
relevant when it holds an expected quote whole. Metrics by ir-measures (pytrec_eval's definitions).
"""

import ir_measures
from ir_measures import R, nDCG
from tests.benchmarks.common import GOLD, cases, paired, publish, relevant

from ragstone.answering.engine import Engine
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index
from ragstone.settings import load_settings
from ragstone.types import Case

MODES = ("lexical", "dense", "fused")
MEASURES = (R @ 5, nDCG @ 10)
Scores = dict[str, dict[str, float]]


def scores(index: Index, asked: list[Case], mode: str) -> Scores:
    """For each measure, the value of each answerable case."""
    answerable = [case for case in asked if case.answerable]
    qrels = [ir_measures.Qrel(case.id, found, 1) for case in answerable for found in relevant(index, case)]
    run: list[ir_measures.ScoredDoc] = []
    for case in answerable:
        where = Filter(languages=frozenset({case.language}))
        evidence = index.search(case.question, k=10, where=where, mode=mode).evidence
        run += [ir_measures.ScoredDoc(case.id, item.passage.id, float(-rank)) for rank, item in enumerate(evidence)]
    values: Scores = {str(measure): {case.id: 0.0 for case in answerable} for measure in MEASURES}
    for metric in ir_measures.iter_calc(MEASURES, qrels, run):
        values[str(metric.measure)][metric.query_id] = metric.value
    return values


def main() -> None:
    """Measure every corpus and language on the test questions, then test fused against the better of the two."""
    engine = Engine(load_settings(), None)
    lines = ["| corpus | language | n | measure | lexical | dense | fused |", "|---|---|---|---|---|---|---|"]
    pooled: dict[tuple[str, str], Scores] = {}
    for corpus in GOLD:
        index = engine.index(corpus)
        for language in ("en", "zh"):
            by_mode = {mode: scores(index, cases(corpus, language), mode) for mode in MODES}
            for measure in map(str, MEASURES):
                means = [sum(by_mode[mode][measure].values()) / len(by_mode[mode][measure]) for mode in MODES]
                count = len(by_mode["fused"][measure])
                row = [corpus, language, str(count), measure, *(f"{mean:.3f}" for mean in means)]
                lines.append(f"| {' | '.join(row)} |")
                for mode in MODES:
                    pooled.setdefault((language, measure), {}).setdefault(mode, {}).update(by_mode[mode][measure])
    lines += ["", "Fused against the better of the two, paired by question, all corpora:", ""]
    lines += ["| language | measure | n | better single | fused - single | 95 % interval | p (fused is worse) |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for (language, measure), modes in pooled.items():
        best = max(("lexical", "dense"), key=lambda mode: sum(modes[mode].values()))
        differences = [modes["fused"][case] - modes[best][case] for case in modes["fused"]]
        mean, low, high, p = paired(differences)
        row = [language, measure, str(len(differences)), best, f"{mean:+.3f}", f"[{low:+.3f}, {high:+.3f}]", f"{p:.3f}"]
        lines.append(f"| {' | '.join(row)} |")
    publish(
        "retrieval", "python -m tests.benchmarks.gold_retrieval", "## Retrieval on the gold sets\n\n" + "\n".join(lines)
    )


if __name__ == "__main__":
    main()
