"""Familiarity is the relative Mahalanobis distance, with covariances shrunk half way to a sphere."""

import numpy as np
import pytest

from ragstone.sdk.intents.familiarity import Familiarity

RANDOM = np.random.default_rng(7)
CLASSES = np.arange(60) % 3
VECTORS = (RANDOM.normal(size=(3, 5))[CLASSES] * 4 + RANDOM.normal(size=(60, 5)) * [1, 2, 3, 1, 1]).astype(np.float32)


def distance(point: np.ndarray, centre: np.ndarray, deviations: np.ndarray) -> float:
    covariance = deviations.T @ deviations / len(deviations)
    shrunk = (covariance + np.eye(5) * np.trace(covariance) / 5) / 2
    return float((point - centre) @ np.linalg.inv(shrunk) @ (point - centre))


def test_is_the_formula():
    centres = np.stack([VECTORS[number == CLASSES].mean(axis=0) for number in range(3)])
    centre = VECTORS.mean(axis=0)
    points = RANDOM.normal(size=(8, 5)).astype(np.float32) * 5
    expected = [
        distance(point, centre, VECTORS - centre)
        - min(distance(point, one, VECTORS - centres[CLASSES]) for one in centres)
        for point in points
    ]
    assert Familiarity.fit(VECTORS, CLASSES)(points) == pytest.approx(expected, rel=1e-3, abs=1e-2)


def test_examples_are_more_familiar_than_what_lies_between_them():
    familiarity = Familiarity.fit(VECTORS, CLASSES)
    assert familiarity(VECTORS).mean() > familiarity(VECTORS.mean(axis=0, keepdims=True))[0]


def test_one_example_an_intent_has_no_spread_and_no_fault():
    assert np.isfinite(Familiarity.fit(VECTORS[:3], np.arange(3))(VECTORS)).all()
