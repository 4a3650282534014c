"""Gradient-boosted trees as plain numbers: read from JSON, evaluated with numpy. Nothing that is read runs code."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ragstone.types import Record

Floats = NDArray[np.float64]


class Tree(Record):
    """A binary tree, one entry a node. A leaf has feature -1; other rows go ``left`` when value <= threshold.

    A threshold is often a value of the training data (2/3), so it is kept to the last digit.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    def predict(self, rows: Floats) -> Floats:
        """The leaf value of each row; shape (rows, features) -> (rows,)."""
        feature, threshold = np.asarray(self.feature), np.asarray(self.threshold)
        left, right = np.asarray(self.left), np.asarray(self.right)
        at = np.zeros(len(rows), dtype=np.int64)
        inner = feature[at] >= 0
        while inner.any():
            here = at[inner]
            goes_left = rows[inner, feature[here]] <= threshold[here]
            at[inner] = np.where(goes_left, left[here], right[here])
            inner = feature[at] >= 0
        return np.asarray(self.value)[at]


class Trees(Record):
    """A boosted classifier: its decision is a log-odds. ``names`` are the features that it was trained on."""

    names: tuple[str, ...]
    baseline: float
    trees: tuple[Tree, ...] = Field(min_length=1)

    def log_odds(self, rows: Floats) -> Floats:
        """The decision for each row; shape (rows, len(names)) -> (rows,)."""
        return self.baseline + np.sum([tree.predict(rows) for tree in self.trees], axis=0)

    @classmethod
    def of(cls, classifier: Any, names: Sequence[str]) -> "Trees":
        """From a fitted binary `sklearn.ensemble.HistGradientBoostingClassifier` (numerical features, none missing)."""
        trees = [_tree(stage[0].nodes) for stage in classifier._predictors]
        return cls(names=tuple(names), baseline=float(classifier._baseline_prediction.ravel()[0]), trees=tuple(trees))


def _tree(nodes: Any) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        feature=tuple(np.where(leaf, -1, nodes["feature_idx"]).tolist()),
        threshold=tuple(np.where(leaf, 0.0, nodes["num_threshold"]).tolist()),
        left=tuple(nodes["left"].tolist()),
        right=tuple(nodes["right"].tolist()),
        value=tuple(nodes["value"].round(9).tolist()),
    )
