"""Hashed words and letters beside the embedder's vector, in both languages."""

import numpy as np
import pytest

from ragstone.sdk.intents.features import COLUMNS, Features

RANDOM = np.random.default_rng(7)


def rows(texts: list[str]) -> np.ndarray:
    """The hashed columns of texts whose vectors say nothing."""
    vectors = RANDOM.normal(size=(len(texts), 4)).astype(np.float32)
    return Features.fit(texts, vectors)(texts, vectors)[:, 4:]


@pytest.mark.parametrize(
    ("one", "like", "unlike"),
    [
        ("cancel order E17", "CANCEL my order e17!", "when do you open"),
        ("the thermostat is broken", "thermostats break", "which cards do you take"),
        ("取消我的订单", "订单，取消！", "你们几点开门"),
        ("暖核T1坏了", "我的暖核 Ｔ１ 坏掉", "可以分期付款吗"),
    ],
)
def test_texts_of_the_same_words_are_near(one: str, like: str, unlike: str):
    first, second, third = rows([one, like, unlike])
    assert first @ second > 0.15 > abs(first @ third)


def test_order_of_words_counts():
    first, second = rows(["dog bites man", "man bites dog"])
    assert 0.5 < first @ second < 0.99
    first, second = rows(["上海到北京", "北京到上海"])
    assert 0.5 < first @ second < 0.99


def test_collisions_cancel_out_on_average():
    texts = ["".join(map(chr, range(start, start + 300))) for start in range(0x4E00, 0x4E00 + 3000, 300)]
    products = rows(texts) @ rows(texts).T
    apart = products[~np.eye(len(texts), dtype=bool)]
    assert apart.min() < 0 < apart.max()
    assert abs(apart.mean()) < 0.05


def test_both_parts_of_a_row_have_a_length_of_about_one():
    texts = [f"word{number} 词{number}" for number in range(50)]
    vectors = RANDOM.normal(size=(50, 8)).astype(np.float32) * 9 + 100
    made = Features.fit(texts, vectors)(texts, vectors)
    assert made.shape == (50, 8 + COLUMNS)
    assert np.linalg.norm(made[:, 8:], axis=1) == pytest.approx(np.ones(50), abs=1e-3)
    assert (made[:, :8] ** 2).sum(axis=1).mean() == pytest.approx(1, abs=1e-3)


def test_a_constant_dimension_says_nothing():
    vectors = np.ones((3, 2), dtype=np.float32)
    assert (Features.fit(["a", "b", "丙"], vectors)(["a", "b", "丙"], vectors)[:, :2] == 0).all()
