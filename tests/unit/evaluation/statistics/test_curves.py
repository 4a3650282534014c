import numpy as np
import pytest
from sklearn import metrics

from ragstone.errors import UsageError
from ragstone.evaluation.statistics.curves import (
    auroc,
    average_precision,
    balanced_accuracy,
    best_threshold,
    f1,
    risk_coverage,
)
from ragstone.evaluation.statistics.detection import detect


def draw(rng):
    n = int(rng.integers(4, 60))
    labels = rng.random(n) < 0.4
    labels[:2] = True, False
    scores = rng.random(n) + 0.4 * labels
    return (np.round(scores, 1) if rng.random() < 0.5 else scores), labels


def test_every_measure_equals_scikit_learn_on_200_draws():
    rng = np.random.default_rng(9)
    for _ in range(200):
        scores, labels = draw(rng)
        predicted = scores >= 0.6
        assert auroc(scores, labels) == pytest.approx(metrics.roc_auc_score(labels, scores), abs=1e-12)
        precision = metrics.average_precision_score(labels, scores)
        assert average_precision(scores, labels) == pytest.approx(precision, abs=1e-12)
        balanced = metrics.balanced_accuracy_score(labels, predicted)
        assert balanced_accuracy(predicted, labels) == pytest.approx(balanced, abs=1e-12)
        assert f1(predicted, labels) == pytest.approx(metrics.f1_score(labels, predicted), abs=1e-12)


@pytest.mark.parametrize(("goal", "measure"), [("balanced_accuracy", balanced_accuracy), ("f1", f1)])
def test_no_threshold_beats_the_best_one(goal, measure):
    rng = np.random.default_rng(10)
    for _ in range(50):
        scores, labels = draw(rng)
        best = measure(scores >= best_threshold(scores, labels, goal), labels)
        others = [measure(scores >= score, labels) for score in scores]
        assert best == pytest.approx(max(others), abs=1e-12)


@pytest.mark.parametrize(
    ("scores", "labels", "threshold"),
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 0.5),
        ([0.5, 0.5, 0.5], [0, 1, 1], 0.5),
        ([1.0, np.nextafter(1.0, 2.0)], [0, 1], np.nextafter(1.0, 2.0)),
    ],
)
def test_the_threshold_lies_midway_where_it_can(scores, labels, threshold):
    assert best_threshold(scores, labels) == threshold


def test_f1_of_nothing_found_is_zero():
    assert f1([0, 0], [0, 0]) == 0.0


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ([], [], "Give one label"),
        ([0.1], [1, 0], "Give one label"),
        ([0.1, float("nan")], [1, 0], "not a finite number"),
        ([0.1, 0.2], [1, 1], "both kinds"),
        ([0.1, 0.2], [0, 0], "both kinds"),
    ],
)
def test_what_has_no_answer_is_refused(scores, labels, message):
    for measure in (auroc, average_precision, balanced_accuracy, best_threshold):
        with pytest.raises(UsageError, match=message):
            measure(scores, labels)


def test_risk_by_hand_and_with_ties():
    curve = risk_coverage([0.9, 0.1, 0.5, 0.7], [0, 1, 1, 0])
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert curve.aurc == pytest.approx((1 / 3 + 1 / 2) / 4)
    tied = risk_coverage([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 1])
    assert tied.risk.tolist() == [0.5] * 4
    assert tied.aurc == risk_coverage([0.5] * 4, [0, 1, 1, 0]).aurc


@pytest.mark.parametrize(
    ("confidences", "errors", "message"),
    [([], [], "one error"), ([0.5], [1, 0], "one error"), ([np.inf], [1], "finite"), ([0.5], [np.nan], "finite")],
)
def test_a_risk_curve_of_nothing_is_refused(confidences, errors, message):
    with pytest.raises(UsageError, match=message):
        risk_coverage(confidences, errors)


def test_a_detection_holds_every_measure_with_its_interval():
    rng = np.random.default_rng(11)
    labels = rng.random(300) < 0.4
    scores = rng.normal(0, 1, 300) + labels
    units = [str(number // 3) for number in range(300)]
    found = detect(scores, labels, units, 0.5)
    predicted = scores >= 0.5
    assert (found.n, found.positives, found.clusters) == (300, int(labels.sum()), 100)
    expected = {
        "auroc": auroc(scores, labels),
        "balanced_accuracy": balanced_accuracy(predicted, labels),
        "f1": f1(predicted, labels),
        "sensitivity": metrics.recall_score(labels, predicted),
        "specificity": metrics.recall_score(~labels, ~predicted),
        "kappa": metrics.cohen_kappa_score(labels, predicted),
    }
    for name, value in expected.items():
        interval = getattr(found, name)
        assert interval.value == pytest.approx(value, abs=1e-12), name
        assert interval.low < value < interval.high, name
    assert found == detect(scores, labels, units, 0.5)
    assert found != detect(scores, labels, units, 0.5, seed=8)


def test_whole_clusters_are_drawn():
    rng = np.random.default_rng(12)
    labels = np.repeat(rng.random(30) < 0.5, 10)
    scores = np.repeat(rng.normal(0, 1, 30) + labels[::10], 10)
    together = detect(scores, labels, [str(number // 10) for number in range(300)], 0.5).auroc
    apart = detect(scores, labels, [str(number) for number in range(300)], 0.5).auroc
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_draws_of_one_class_are_left_out_and_one_cluster_has_no_interval():
    pair = detect([0.1, 0.9], [0, 1], ["a", "b"], 0.5)
    assert (pair.auroc.value, pair.auroc.low, pair.auroc.high) == (1.0, 1.0, 1.0)
    alone = detect([0.1, 0.9], [0, 1], ["a", "a"], 0.5)
    assert (alone.auroc.value, alone.auroc.low, alone.auroc.high) == (1.0, None, None)


def test_units_must_fit():
    with pytest.raises(UsageError, match="one unit for each"):
        detect([0.1, 0.9], [0, 1], ["a"], 0.5)
