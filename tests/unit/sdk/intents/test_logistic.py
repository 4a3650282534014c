"""Logistic regression beside its optimum."""

import numpy as np
import pytest

from ragstone.sdk.intents.logistic import fit_logistic, minimise, softmax

RANDOM = np.random.default_rng(7)
ROWS = RANDOM.normal(size=(120, 6)).astype(np.float32)
CLASSES = (ROWS @ RANDOM.normal(size=(6, 3)) + RANDOM.gumbel(size=(120, 3))).argmax(axis=1)


@pytest.mark.parametrize("penalty", [0.1, 1e-3])
def test_reaches_the_optimum_that_another_solver_finds(penalty: float):
    linear = pytest.importorskip("sklearn.linear_model")
    other = linear.LogisticRegression(C=1 / (penalty * len(ROWS)), tol=1e-8, max_iter=5000).fit(ROWS, CLASSES)
    weights = fit_logistic(ROWS, CLASSES, 3, penalty)
    ours, theirs = softmax(ROWS @ weights[:-1] + weights[-1]), other.predict_proba(ROWS)
    assert np.abs(ours - theirs).max() < 2e-3


def test_is_the_same_every_time():
    assert (fit_logistic(ROWS, CLASSES, 3, 1e-3) == fit_logistic(ROWS, CLASSES, 3, 1e-3)).all()


def test_bias_is_not_penalised():
    weights = fit_logistic(np.zeros((4, 2), dtype=np.float32), np.array([0, 0, 0, 1]), 2, 10.0)
    assert softmax(weights[-1:])[0] == pytest.approx([0.75, 0.25], abs=1e-3)


def test_minimises_a_narrow_valley():
    def rosenbrock(point: np.ndarray) -> tuple[float, np.ndarray]:
        x, y = float(point[0]), float(point[1])
        slope = np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)], dtype=np.float32)
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2, slope

    assert minimise(rosenbrock, np.array([-1.2, 1.0], dtype=np.float32)) == pytest.approx([1, 1], abs=0.02)


def test_stops_where_no_step_leads_down():
    start = np.array([1.0], dtype=np.float32)
    assert minimise(lambda point: (float(np.abs(point[0])), -np.sign(point)), start) == start
