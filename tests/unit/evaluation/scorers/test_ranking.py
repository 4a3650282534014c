"""trec_eval's measures, equal to two packages that compute them with trec_eval's own code or after it."""

import random

import ir_measures
import pytest
import pytrec_eval
from ir_measures import AP, RR, P, R, nDCG

from ragstone.evaluation.scorers import ranking

RUNS = 1000
NAMES = {"recall_5", "recall_10", "P_5", "P_10", "recip_rank", "map", "ndcg_cut_3", "ndcg_cut_10"}
IR = {
    "recall_5": R @ 5,
    "recall_10": R @ 10,
    "P_5": P @ 5,
    "P_10": P @ 10,
    "recip_rank": RR,
    "map": AP,
    "ndcg_cut_3": nDCG @ 3,
    "ndcg_cut_10": nDCG @ 10,
}


def measures(qrels: dict[str, int], ranked: list[str]) -> dict[str, float]:
    return {
        "recall_5": ranking.recall(qrels, ranked, 5),
        "recall_10": ranking.recall(qrels, ranked, 10),
        "P_5": ranking.precision(qrels, ranked, 5),
        "P_10": ranking.precision(qrels, ranked, 10),
        "recip_rank": ranking.reciprocal_rank(qrels, ranked),
        "map": ranking.average_precision(qrels, ranked),
        "ndcg_cut_3": ranking.ndcg(qrels, ranked, 3),
        "ndcg_cut_10": ranking.ndcg(qrels, ranked, 10),
    }


def random_topics() -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """Graded and negative gains, documents that are not judged or not found, English and Chinese names, empty runs."""
    chance = random.Random(7)
    names = [f"doc-{number}" for number in range(30)] + [f"文档{number}" for number in range(30)]
    qrels: dict[str, dict[str, int]] = {}
    runs: dict[str, list[str]] = {}
    for number in range(RUNS):
        judged = chance.sample(names, chance.randint(1, 25))
        qrels[f"q{number}"] = {name: chance.choice([-1, 0, 0, 1, 1, 2, 3]) for name in judged}
        runs[f"q{number}"] = chance.sample(names, 0 if number % 25 == 0 else chance.randint(1, 40))
    return qrels, runs


@pytest.fixture(scope="module")
def topics() -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    return random_topics()


def with_scores(runs: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """Falling scores, so that no package has a tie to break its own way."""
    return {topic: {name: 100.0 - rank for rank, name in enumerate(run)} for topic, run in runs.items()}


def test_equal_to_pytrec_eval(topics: tuple[dict[str, dict[str, int]], dict[str, list[str]]]) -> None:
    qrels, runs = topics
    reference = pytrec_eval.RelevanceEvaluator(qrels, NAMES).evaluate(with_scores(runs))
    assert len(reference) == RUNS
    assert sum(row["map"] > 0 for row in reference.values()) > RUNS / 2, "the runs find something"
    for topic, expected in reference.items():
        assert measures(qrels[topic], runs[topic]) == pytest.approx(expected, abs=1e-9), topic


def test_equal_to_ir_measures(topics: tuple[dict[str, dict[str, int]], dict[str, list[str]]]) -> None:
    qrels, runs = topics
    names = {str(measure): name for name, measure in IR.items()}
    found: dict[str, dict[str, float]] = {}
    for row in ir_measures.iter_calc(IR.values(), qrels, with_scores(runs)):
        found.setdefault(row.query_id, {})[names[str(row.measure)]] = row.value
    assert len(found) == RUNS
    for topic, expected in found.items():
        ours = measures(qrels[topic], runs[topic])
        assert {name: ours[name] for name in expected} == pytest.approx(expected, abs=1e-9), topic
        assert set(expected) == set(ours)


@pytest.mark.parametrize(
    ("qrels", "ranked", "expected"),
    [
        ({"a": 1, "b": 1}, ["x", "a", "y", "b"], (1.0, 0.4, 1 / 2, (1 / 2 + 2 / 4) / 2)),
        ({"甲": 2, "乙": 0}, ["乙", "甲"], (1.0, 0.2, 1 / 2, 1 / 2)),
        ({"a": 1}, [], (0.0, 0.0, 0.0, 0.0)),
        ({}, ["a"], (0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_by_hand(qrels: dict[str, int], ranked: list[str], expected: tuple[float, ...]) -> None:
    found = measures(qrels, ranked)
    assert (found["recall_5"], found["P_5"], found["recip_rank"], found["map"]) == pytest.approx(expected)


def test_graded_gain_by_hand() -> None:
    gained = 3 / 1 + 1 / 2  # log2(2) = 1, log2(4) = 2
    best = 3 / 1 + 1 / 1.584962500721156
    assert ranking.ndcg({"a": 3, "b": 1}, ["a", "x", "b"], 10) == pytest.approx(gained / best)


@pytest.mark.parametrize("name", ["doc", "文档"])
def test_a_document_stands_once(name: str) -> None:
    for measure in (ranking.average_precision, ranking.reciprocal_rank):
        with pytest.raises(ValueError, match="twice"):
            measure({name: 1}, [name, name])
    for at_k in (ranking.recall, ranking.precision, ranking.ndcg):
        with pytest.raises(ValueError, match="twice"):
            at_k({name: 1}, [name, name], 5)
