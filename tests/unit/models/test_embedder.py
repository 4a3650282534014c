import hashlib

import numpy as np
import pytest

from ragstone.errors import LanguageMismatchError, UsageError
from ragstone.models.catalog import Catalog
from ragstone.models.embedder import BATCH, Embedder, Engine, load_embedder

from .conftest import embedder_entry, entry


class HashModel:
    """Vectors from a hash of what the model is given, normalised as asked."""

    def __init__(self):
        self.seen: list[str] = []

    def encode(self, texts, *, prompt, batch_size, normalize_embeddings, show_progress_bar):
        assert len(texts) <= batch_size
        assert normalize_embeddings
        assert not show_progress_bar
        self.seen += [(prompt or "") + text for text in texts]
        rows = [hashlib.sha256(text.encode()).digest()[:4] for text in self.seen[-len(texts) :]]
        vectors = np.array([list(row) for row in rows], dtype=np.float64) + 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make(**changes):
    model = HashModel()
    changed = embedder_entry(**({"query_prefix": "query: ", "passage_prefix": "passage: "} | changes))
    return Embedder(changed, Engine(model, len, overhead=6), Catalog(model=(changed,))), model


@pytest.mark.parametrize("text", ["return a product", "如何退货？"])
def test_each_side_gets_its_prefix_once(text):
    embedder, model = make()
    embedder.embed_queries([text])
    embedder.embed_passages([text])
    assert model.seen == [f"query: {text}", f"passage: {text}"]


def test_vectors_are_float32_of_length_1_and_in_the_order_of_the_texts():
    embedder, _ = make()
    texts = ["短", "a longer text", "中等长度", "b"] * 20
    vectors = embedder.embed_passages(texts)
    assert vectors.shape == (80, 4)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(80))
    for index in (0, 1, 2, 3, 41, 79):
        assert np.array_equal(vectors[index], embedder.embed_passages([texts[index]])[0])


def test_progress_counts_passages():
    told = []
    make()[0].embed_passages(["文"] * (BATCH + 1), lambda done, total: told.append((done, total)))
    assert told == [(BATCH, BATCH + 1), (BATCH + 1, BATCH + 1)]


def test_no_texts_make_no_rows():
    assert make()[0].embed_queries([]).shape == (0, 4)


@pytest.mark.parametrize("text", ["before\0after", "退货\0政策", "lone \ud800 surrogate"])
def test_nothing_after_an_unreadable_character_is_lost(text):
    embedder, model = make()
    embedder.embed_queries([text])
    assert len(model.seen[0]) == len("query: ") + len(text)
    assert "\0" not in model.seen[0]
    assert embedder.count_tokens(text) == len(text)


def test_max_tokens_is_what_is_left_for_the_text():
    assert make()[0].max_tokens == 16 - 6


@pytest.mark.parametrize("text", ["elevenchars", "一二三四五六七八九十一"])
def test_a_text_that_does_not_fit_is_logged_without_its_words(text, caplog):
    embedder, _ = make()
    embedder.embed_passages([text[:10]])
    assert not caplog.text
    embedder.embed_passages([text, "short"])
    assert "1 of 2 passages" in caplog.text
    assert text not in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other"},
        {"revision": "2"},
        {"sha256": "0" * 64},
        {"dimension": 8},
        {"query_prefix": "q: "},
        {"passage_prefix": ""},
        {"pooling": "cls"},
    ],
)
def test_the_fingerprint_changes_with_anything_that_changes_vectors(changes):
    assert make(**changes)[0].fingerprint != make()[0].fingerprint


def test_the_fingerprint_does_not_change_with_where_the_model_comes_from():
    other = ({"kind": "pypi", "members": ("mirror==2!x",)},)
    assert make(sources=other, licence="Apache-2.0")[0].fingerprint == make()[0].fingerprint


def test_the_language_guard():
    embedder, _ = make(languages=("en",))
    embedder.require_languages({"en"}, force=False)
    with pytest.raises(LanguageMismatchError):
        embedder.require_languages({"en", "zh"}, force=False)
    embedder.require_languages({"zh"}, force=True)


def test_another_role_is_no_embedder(make_store):
    with pytest.raises(UsageError, match="is a chat, not an embedder"):
        Embedder(entry(), Engine(None, len, 0), Catalog(model=()))
    with pytest.raises(UsageError, match="no embedder 'tiny'"):
        load_embedder("tiny", make_store())
