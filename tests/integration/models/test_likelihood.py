"""The 0.5B model as a likelihood model, read from its GGUF file."""

import math

import pytest

from ragstone.models.likelihood import LikelihoodModel
from ragstone.models.store import ModelStore

pytestmark = pytest.mark.integration

SMALL_MODEL = "qwen2.5-coder-0.5b-instruct-q4"
BFLOAT16 = 0.3
"""How far a log-probability may move, in nats, when the same tokens are read in other pieces."""


@pytest.fixture(scope="module")
def model(model_store: ModelStore) -> LikelihoodModel:
    model_store.pull(SMALL_MODEL)
    return LikelihoodModel.load(SMALL_MODEL, model_store)


@pytest.mark.parametrize(
    ("before", "right", "wrong"),
    [
        ("The capital of France is", " Paris", " Berlin"),
        ("法国的首都是", "巴黎", "柏林"),
        ("The shop is open from 8 to 22.\nThe shop opens at ", "8", "9"),
        ("商店八点开门，十点关门。\n商店开门的时间是", "八点", "九点"),
    ],
)
def test_what_is_known_or_read_is_more_probable(model: LikelihoodModel, before: str, right: str, wrong: str) -> None:
    (_, likely), (_, unlikely) = (model.token_logprobs(before, text) for text in (right, wrong))
    assert sum(likely) > sum(unlikely) + math.log(2)


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("Shoes may be returned within 30 days of delivery.", " The box must be complete, with every part."),
        ("鞋子可以在收货后30天内退货。", "包装必须完整，不能缺少任何部件。"),
    ],
)
def test_a_prefix_is_read_as_a_part_of_the_whole(model: LikelihoodModel, prefix: str, text: str) -> None:
    ranges, split = model.token_logprobs(prefix, text)
    _, whole = model.token_logprobs("", prefix + text)
    assert "".join(text[start:end] for start, end in ranges) == text
    assert split == pytest.approx(whole[-len(split) :], abs=BFLOAT16, rel=0.05)
    assert sum(split) / len(split) == pytest.approx(sum(whole[-len(split) :]) / len(split), abs=0.05)
