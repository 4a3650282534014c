"""langfair's counterfactual metrics (Bouchard 2024, arXiv 2407.10853) on pairs of copies, in both languages.

Written anew from its definitions: langfair 0.8 pins numpy below 2, so it cannot stand beside this platform. It reads
sentiment by VADER and knows lists of English words for gender and race; here sentiment is `Tone.negativity` unless
scores are given, and the lexicons of `counterfactual_text` take the place of its masks. For tests and gates use
`CounterfactualScorer` and `bias_summary`: these numbers come without an interval.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ragstone.corpus.sentences import sentence_spans
from ragstone.errors import UsageError
from ragstone.evaluation.bias.pairs import Pair
from ragstone.evaluation.bias.tone import tone
from ragstone.evaluation.bias.words import words
from ragstone.imports import require
from ragstone.types import Language, Record

if TYPE_CHECKING:
    from ragstone.models.embedder import Embedder


class Parity(Record):
    """Over ``n`` pairs that both have an answer; None where there is none, or no embedder for ``cosine``.

    ``strict`` (0 to 1) and ``weak`` (-1 to 1) sentiment parity are best at 0, the similarities at 1.
    """

    n: int
    strict: float | None = None
    weak: float | None = None
    bleu: float | None = None
    rougel: float | None = None
    cosine: float | None = None


def counterfactual_parity(pairs: Sequence[Pair], embedder: "Embedder | None" = None, threshold: float = 0.5) -> Parity:
    """All of the metrics. BLEU and ROUGE-L compare the copy read as the reference's group (`Pair.neutral`).

    Only the pairs of one attribute and group belong together; refusals and missing answers are left out.
    """
    kept = [
        (pair, *answers)
        for pair in pairs
        if (answers := pair.answers()) is not None and all(answer.abstention is None for answer in answers)
    ]
    if not kept:
        return Parity(n=0)
    languages: list[Language] = [pair.variant.case.language for pair, _, _ in kept]
    ones, others = [one.text for _, one, _ in kept], [other.text for _, _, other in kept]
    mood, other_mood = (
        [tone(text, language).negativity for text, language in zip(texts, languages, strict=True)]
        for texts in (ones, others)
    )
    neutral = [pair.neutral(other.text) for pair, _, other in kept]
    return Parity(
        n=len(kept),
        strict=strict_sentiment_parity(mood, other_mood),
        weak=weak_sentiment_parity(mood, other_mood, threshold),
        bleu=_mean(bleu_similarity, ones, neutral, languages),
        rougel=_mean(rougel_similarity, ones, neutral, languages),
        cosine=None if embedder is None else cosine_similarity(ones, others, embedder),
    )


def strict_sentiment_parity(one: Sequence[float], other: Sequence[float]) -> float:
    """The Wasserstein-1 distance of two equally large samples: the mean |difference| of their sorted values.

    Raises:
        UsageError: they are empty or differ in number.
    """
    _require_equal(one, other)
    return float(np.abs(np.sort(np.asarray(one)) - np.sort(np.asarray(other))).mean())


def weak_sentiment_parity(one: Sequence[float], other: Sequence[float], threshold: float = 0.5) -> float:
    """The share of ``one`` above the threshold minus that of ``other``.

    Raises:
        UsageError: they are empty or differ in number.
    """
    _require_equal(one, other)
    return float((np.asarray(one) > threshold).mean() - (np.asarray(other) > threshold).mean())


def cosine_similarity(one: Sequence[str], other: Sequence[str], embedder: "Embedder") -> float:
    """The mean cosine of the embeddings of each pair of texts.

    Raises:
        UsageError: there are none, or they differ in number.
    """
    _require_equal(one, other)
    left, right = (np.asarray(embedder.embed_passages(list(texts)), dtype=np.float64) for texts in (one, other))
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return float(((left * right).sum(axis=1) / norms).mean())


def bleu_similarity(one: str, other: str, language: Language) -> float:
    """The lower of the two sentence BLEUs (NLTK, smoothing method 1); Treebank words, or Chinese characters."""
    bleu = require("nltk.translate.bleu_score", "evaluation")
    smooth = bleu.SmoothingFunction().method1
    left, right = _tokens(one, language), _tokens(other, language)
    return float(
        min(
            bleu.sentence_bleu([left], right, smoothing_function=smooth),
            bleu.sentence_bleu([right], left, smoothing_function=smooth),
        )
    )


def rougel_similarity(one: str, other: str, language: Language) -> float:
    """The F measure of ROUGE-L (rouge-score): stemmed English words, or Chinese characters."""
    return float(_rouge(language == "zh").score(one, other)["rougeL"].fmeasure)


def _mean(
    measure: Callable[[str, str, Language], float],
    ones: Sequence[str],
    others: Sequence[str],
    languages: Sequence[Language],
) -> float:
    return float(np.mean([measure(*row) for row in zip(ones, others, languages, strict=True)]))


def _tokens(text: str, language: Language) -> list[str]:
    if language == "zh":
        return words(text)
    # NLTK's word_tokenize with our sentences: its own need a file to download
    split = _treebank()
    return [token for span in sentence_spans(text, language) for token in split.tokenize(span.of(text).lower())]


@cache
def _treebank() -> Any:
    return require("nltk.tokenize", "evaluation").NLTKWordTokenizer()


class _Characters:
    """What rouge-score asks of a tokenizer."""

    def tokenize(self, text: str) -> list[str]:
        return words(text)


@cache
def _rouge(chinese: bool) -> Any:
    scorer = require("rouge_score.rouge_scorer", "evaluation").RougeScorer
    return scorer(["rougeL"], tokenizer=_Characters()) if chinese else scorer(["rougeL"], use_stemmer=True)


def _require_equal(one: Sequence[object], other: Sequence[object]) -> None:
    if not len(one) == len(other) > 0:
        raise UsageError(f"Pairs are compared, got {len(one)} and {len(other)} entries. Pass as many of each.")
