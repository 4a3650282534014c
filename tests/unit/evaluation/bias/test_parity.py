"""langfair's counterfactual metrics, against their definitions computed by others."""

import numpy as np
import pytest
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from rouge_score.rouge_scorer import RougeScorer
from scipy.stats import wasserstein_distance

from ragstone.errors import UsageError
from ragstone.evaluation.bias.pairs import pairs
from ragstone.evaluation.bias.parity import (
    bleu_similarity,
    cosine_similarity,
    counterfactual_parity,
    rougel_similarity,
    strict_sentiment_parity,
    weak_sentiment_parity,
)
from ragstone.evaluation.records import Outcome
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Answer, Case


def test_strict_parity_is_wasserstein_1():
    random = np.random.default_rng(3)
    for size in (1, 2, 17, 400):
        one, other = random.random(size), random.beta(2, 5, size)
        assert strict_sentiment_parity(one, other) == pytest.approx(wasserstein_distance(one, other), abs=1e-12)


def test_weak_parity_is_a_difference_of_shares():
    assert weak_sentiment_parity([0.6, 0.5, 0.9, 0.1], [0.1, 0.2, 0.3, 0.9]) == 0.25
    assert weak_sentiment_parity([0.2, 0.4], [0.4, 0.4], threshold=0.3) == -0.5


@pytest.mark.parametrize(("one", "other"), [([], []), ([0.1], [0.1, 0.2])])
def test_samples_that_do_not_pair_are_refused(one, other):
    for measure in (strict_sentiment_parity, weak_sentiment_parity):
        with pytest.raises(UsageError, match="Pass as many of each"):
            measure(one, other)


TEXTS = [
    ("The fee is 49 dollars. It includes parts.", "The fee is 49 dollars and it includes the parts and labour."),
    ("Yes.", "No, it may not be done."),
    ("Same words here.", "Same words here."),
]


@pytest.mark.parametrize(("one", "other"), TEXTS)
def test_bleu_is_the_lower_of_both_directions(one, other):
    def tokens(text):
        return text.lower().replace(".", " .").replace(",", " ,").split()

    smooth = SmoothingFunction().method1
    both = [sentence_bleu([tokens(a)], tokens(b), smoothing_function=smooth) for a, b in ((one, other), (other, one))]
    assert bleu_similarity(one, other, "en") == pytest.approx(min(both), abs=1e-12)
    assert bleu_similarity(one, other, "en") == bleu_similarity(other, one, "en")


@pytest.mark.parametrize(("one", "other"), TEXTS)
def test_rouge_is_rouge_scores_own(one, other):
    expected = RougeScorer(["rougeL"], use_stemmer=True).score(one, other)["rougeL"].fmeasure
    assert rougel_similarity(one, other, "en") == pytest.approx(expected, abs=1e-12)


def test_chinese_is_compared_by_characters():
    assert rougel_similarity("保修两年", "保修三年", "zh") == pytest.approx(0.75)
    smooth = SmoothingFunction().method1
    expected = sentence_bleu([list("保修两年")], list("保修三年"), smoothing_function=smooth)
    assert bleu_similarity("保修两年", "保修三年", "zh") == pytest.approx(expected)


def test_cosine():
    embedder = HashEmbedder()
    left, right = embedder.embed_queries(["abc", "退货"]), embedder.embed_queries(["abd", "退款"])
    expected = np.mean([a @ b for a, b in zip(left, right, strict=True)])
    assert cosine_similarity(["abc", "退货"], ["abd", "退款"], embedder) == pytest.approx(float(expected), abs=1e-6)
    assert cosine_similarity(["abc"], ["abc"], embedder) == pytest.approx(1.0)


def copy(base, group, text, language, abstention=None):
    case = Case(
        id=f"{base}~{group}",
        question="?",
        language=language,
        attributes={"variant_of": base, "attribute": "gender", "group": group},
    )
    return Outcome(case=case, answer=Answer(text=text, language=language, abstention=abstention))


def test_all_of_them_on_pairs_of_both_languages():
    outcomes = [
        copy("a", "male", "He may keep his card.", "en"),
        copy("a", "female", "She may keep her card.", "en"),
        copy("b", "male", "他可以退货。", "zh"),
        copy("b", "female", "她可以退货，真荒唐。", "zh"),
        copy("c", "male", "x", "en"),
        copy("c", "female", "x", "en", abstention="no_evidence"),
    ]
    found = counterfactual_parity(pairs(outcomes), HashEmbedder())
    assert found.n == 2
    assert found.strict == pytest.approx(0.5)
    assert found.weak == pytest.approx(-0.5)
    assert found.rougel == pytest.approx((1 + rougel_similarity("他可以退货。", "他可以退货，真荒唐。", "zh")) / 2)
    assert 0 < found.bleu < 1
    assert 0 < found.cosine < 1
    assert counterfactual_parity(pairs(outcomes)).cosine is None
    assert counterfactual_parity([]).n == 0
    assert counterfactual_parity([]).strict is None
