"""The likelihood model beside one pass of the same tiny random network over the whole text."""

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from ragstone.errors import ModelNotPulledError, UsageError
from ragstone.models.likelihood import LikelihoodModel, Trace

from .conftest import entry

WIDTH, VOCABULARY = 16, 64
PAIRS = {
    "en": ("Read this: days. ", "Thirty days."),
    "zh": ("请读：三十天。", "三十天内。"),
    "no prefix": ("", "三十 days"),
    "one token before": ("R", "days 天"),
}


class Characters:
    """A token is a character; its number is made of the character's."""

    def __call__(self, text: str, add_special_tokens: bool, return_offsets_mapping: bool = False) -> Any:
        assert not add_special_tokens
        ids = [ord(character) * 7 % VOCABULARY for character in text]
        return SimpleNamespace(input_ids=ids, offset_mapping=[(at, at + 1) for at in range(len(text))])

    def ids(self, text: str) -> list[int]:
        return self(text, add_special_tokens=False).input_ids


@pytest.fixture(scope="module")
def network() -> Any:
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=32, num_hidden_layers=3, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=512, initializer_range=0.5,
    )  # fmt: skip
    return Qwen2ForCausalLM(config).eval()


@pytest.fixture
def model(network: Any) -> LikelihoodModel:
    return LikelihoodModel(Characters(), network)


def whole(network: Any, tokens: list[int], layer: int = -1) -> tuple[torch.Tensor, torch.Tensor]:
    """In one pass without a cache: the log-distribution before each token but the first, and the states of all."""
    with torch.inference_mode():
        read = network(torch.tensor([tokens]), output_hidden_states=True)
    return torch.log_softmax(read.logits[0, :-1].float(), -1), read.hidden_states[layer][0]


def check(trace: Trace, network: Any, before: list[int], own: list[int], layer: int = -1) -> None:
    logs, states = whole(network, [*before, *own], layer)
    own = own if before else own[1:]
    logs, states = logs[-len(own) :], states[-len(own) :]
    chosen = logs[torch.arange(len(own)), torch.tensor(own)]
    assert trace.logprobs == pytest.approx(chosen.numpy(), abs=1e-4)
    assert trace.entropies == pytest.approx((-(logs.exp() * logs).sum(-1)).numpy(), abs=1e-4)
    assert trace.ranks.tolist() == [int((row > value).sum()) for row, value in zip(logs, chosen, strict=True)]
    assert np.abs(trace.states - states.numpy()).max() < 1e-4


@pytest.mark.parametrize(("prefix", "text"), PAIRS.values(), ids=PAIRS)
class TestTraces:
    """With and without a prefix, both languages."""

    @pytest.mark.parametrize("layer", [-1, 1])
    def test_equal_to_one_pass(self, prefix: str, text: str, layer: int, model: LikelihoodModel, network: Any) -> None:
        (trace,) = model.traces(prefix, [text], layer=layer)
        check(trace, network, Characters().ids(prefix), Characters().ids(text), layer)

    def test_offsets_are_those_of_the_text(self, prefix: str, text: str, model: LikelihoodModel) -> None:
        offsets, logprobs = model.token_logprobs(prefix, text)
        told = text if prefix else text[1:]
        assert [text[start:end] for start, end in offsets] == list(told)
        assert len(logprobs) == len(told)
        assert all(value < 0 for value in logprobs)

    def test_texts_do_not_see_each_other(self, prefix: str, text: str, model: LikelihoodModel) -> None:
        first, other, again = model.traces(prefix, [text, "Something else. 别的", text])
        assert first.logprobs == pytest.approx(again.logprobs, abs=1e-5)
        assert len(other.logprobs) != len(first.logprobs)

    def test_an_empty_text_has_no_token(self, prefix: str, text: str, model: LikelihoodModel) -> None:
        empty, full = model.traces(prefix, ["", text])
        assert empty.offsets == ()
        assert [part.shape for part in (empty.logprobs, empty.entropies, empty.ranks)] == [(0,)] * 3
        assert empty.states.shape == (0, WIDTH)
        assert len(full.offsets) > 0


def test_one_token_alone_has_no_probability(model: LikelihoodModel) -> None:
    assert model.token_logprobs("", "天") == ([], [])
    assert len(model.token_logprobs("三", "天")[1]) == 1


@pytest.mark.parametrize(("length", "kept"), [(100, 100), (36 + 64, 100), (200, 36 + 64)])
def test_a_long_prefix_keeps_its_start_and_its_last_tokens(
    length: int, kept: int, model: LikelihoodModel, network: Any
) -> None:
    prefix = "".join(chr(at + 32) for at in range(length))
    tokens = Characters().ids(prefix)
    shortened = tokens if kept == length else tokens[:36] + tokens[-64:]
    (trace,) = model.traces(prefix, ["三十天"], limit=36)
    check(trace, network, shortened, Characters().ids("三十天"))
    (unlimited,) = model.traces(prefix, ["三十天"])
    assert np.allclose(unlimited.logprobs, trace.logprobs, atol=1e-5) == (kept == length)


def test_threads_take_turns(model: LikelihoodModel) -> None:
    expected = {text: model.token_logprobs(prefix, text)[1] for prefix, text in PAIRS.values()}
    found: dict[str, list[float]] = {}

    def ask(prefix: str, text: str) -> None:
        found[text] = model.token_logprobs(prefix, text)[1]

    threads = [threading.Thread(target=ask, args=pair) for pair in PAIRS.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[text] == pytest.approx(values, abs=1e-5) for text, values in expected.items())


class TestLoad:
    """Only a GGUF file that is in the store."""

    def test_another_format_is_refused(self, make_store: Any) -> None:
        store = make_store(entry(format="onnx"))
        with pytest.raises(UsageError, match=r"no GGUF file.*ragstone models list"):
            LikelihoodModel.load("tiny", store)

    def test_one_that_is_not_pulled(self, make_store: Any) -> None:
        with pytest.raises(ModelNotPulledError):
            LikelihoodModel.load("tiny", make_store())

    def test_an_unknown_one(self, make_store: Any) -> None:
        with pytest.raises(UsageError):
            LikelihoodModel.load("nothing", make_store())

    def test_the_file_is_read(self, index: Any, make_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        store = make_store()
        store.pull("tiny")
        monkeypatch.setattr(LikelihoodModel, "read", lambda path: path)
        assert LikelihoodModel.load("tiny", store) == store.path("tiny")
