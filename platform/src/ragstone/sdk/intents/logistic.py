"""Multinomial logistic regression by L-BFGS, in numpy alone: the run-time needs no scikit-learn."""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ragstone.sdk.intents.features import Floats

Loss = Callable[[Floats], tuple[float, Floats]]
"""From weights to a value and its gradient."""

_ROUNDS = 200
_MEMORY = 10
_TOLERANCE = 1e-4
_SMALLEST_STEP = 1e-8


def softmax(logits: Floats) -> Floats:
    """Rows of probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def energy(logits: Floats) -> Floats:
    """The log of the sum of their powers, one a row: low where no class has anything to say (Liu et al. 2020)."""
    highest = logits.max(axis=1)
    return np.log(np.exp(logits - highest[:, None]).sum(axis=1)) + highest


def fit_logistic(rows: Floats, classes: NDArray[np.intp], count: int, penalty: float) -> Floats:
    """Weights of shape (columns + 1, count), the last row being the bias, which is not penalised.

    They minimise mean cross-entropy + penalty / 2 · sum of squares. Nothing is drawn at random.
    """
    wanted = np.zeros((len(rows), count), dtype=np.float32)
    wanted[np.arange(len(rows)), classes] = 1

    def loss(weights: Floats) -> tuple[float, Floats]:
        told = softmax(rows @ weights[:-1] + weights[-1])
        value = (
            -np.log(told[np.arange(len(rows)), classes].clip(1e-30)).mean() + penalty / 2 * (weights[:-1] ** 2).sum()
        )
        missed = (told - wanted) / len(rows)
        gradient = np.vstack([rows.T @ missed + penalty * weights[:-1], missed.sum(axis=0)])
        return float(value), gradient.astype(np.float32)

    return minimise(loss, np.zeros((rows.shape[1] + 1, count), dtype=np.float32))


def minimise(loss: Loss, start: Floats) -> Floats:
    """The point that L-BFGS (Nocedal 1980) reaches: gradient 10,000 times smaller, no step left, or 200 rounds."""
    point, (value, gradient) = start, loss(start)
    goal = _TOLERANCE * float(np.linalg.norm(gradient))
    past: deque[tuple[Floats, Floats]] = deque(maxlen=_MEMORY)
    for _ in range(_ROUNDS):
        if float(np.linalg.norm(gradient)) <= goal:
            break
        direction = _direction(gradient, past)
        slope, step = _dot(gradient, direction), 1.0
        while True:  # Armijo: halve until the value falls as the slope promises
            there = (point - step * direction).astype(np.float32)
            value_there, gradient_there = loss(there)
            if value_there <= value - 1e-4 * step * slope:
                break
            step /= 2
            if step < _SMALLEST_STEP:
                return point
        if _dot(there - point, gradient_there - gradient) > 0:
            past.append((there - point, gradient_there - gradient))
        point, value, gradient = there, value_there, gradient_there
    return point


def _direction(gradient: Floats, past: deque[tuple[Floats, Floats]]) -> Floats:
    """The gradient times the inverse Hessian, as far as past steps tell it (two-loop recursion)."""
    if not past:
        return (gradient / np.linalg.norm(gradient)).astype(np.float32)
    direction, shares = gradient.copy(), list[float]()
    for moved, bent in reversed(past):
        shares.append(_dot(moved, direction) / _dot(moved, bent))
        direction -= shares[-1] * bent
    direction *= _dot(*past[-1]) / _dot(past[-1][1], past[-1][1])
    for (moved, bent), share in zip(past, reversed(shares), strict=True):
        direction += moved * (share - _dot(bent, direction) / _dot(moved, bent))
    return direction


def _dot(one: Floats, other: Floats) -> float:
    return float(np.vdot(one, other))
