"""Trees read from JSON decide as the classifier that they were made of."""

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.ensemble import HistGradientBoostingClassifier

from ragstone.answering.grounding.trees import Trees

NAMES = ("a", "b", "c")


def test_equal_to_scikit_learn() -> None:
    random = np.random.default_rng(7)
    rows = np.column_stack([random.normal(size=400), random.integers(0, 4, 400), random.integers(1, 9, 400) / 7])
    labels = (rows[:, 0] + rows[:, 1] * rows[:, 2] + random.normal(size=400) > 1).astype(int)
    model = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=8, random_state=7).fit(rows, labels)
    trees = Trees.model_validate_json(Trees.of(model, NAMES).model_dump_json())
    unseen = np.vstack([rows, random.normal(size=(200, 3))])
    assert np.abs(trees.log_odds(unseen) - model.decision_function(unseen)).max() < 1e-6
    assert np.ptp(trees.log_odds(unseen)) > 1
    assert trees.log_odds(rows[:0]).shape == (0,)


def test_no_trees_are_refused() -> None:
    with pytest.raises(ValidationError):
        Trees(names=NAMES, baseline=0.0, trees=())
