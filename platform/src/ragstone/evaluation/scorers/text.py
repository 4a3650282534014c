"""How near an answer is to its reference, by characters and words alone. No model.

Every measure is between 0 and 1. Citation markers are taken out first. An abstention counts as the empty answer, as in
SQuAD 2.0: it earns 0, so refusing cannot raise a mean.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ragstone.evaluation.records import Metric, Score, Verdict, not_applicable
from ragstone.evaluation.scorers.matching import plain_text
from ragstone.evaluation.scorers.tokens import RougeTokenizer, answer_tokens
from ragstone.evaluation.scoring import Resources
from ragstone.imports import require
from ragstone.types import Answer, Case, Language

_SOURCES = {
    "exact_match": "SQuAD (Rajpurkar et al. 2016), normalised as in MLQA (Lewis et al. 2020)",
    "token_f1": "SQuAD (Rajpurkar et al. 2016), Chinese by characters as in MLQA (Lewis et al. 2020)",
    "bleu": "BLEU (Papineni et al. 2002): sacrebleu, sentence, effective order, exponential smoothing, 13a or zh",
    "rouge1": "ROUGE-1 F (Lin 2004): rouge-score, no stemming, Chinese by characters",
    "rouge2": "ROUGE-2 F (Lin 2004): rouge-score, no stemming, Chinese by characters",
    "rougel": "ROUGE-L F (Lin 2004): rouge-score, no stemming, Chinese by characters",
    "chrf": "chrF2 (Popović 2015): sacrebleu, 6 characters, no words, beta 2",
}


def exact_match(answer: str, reference: str, language: Language) -> float:
    """1 when both are the same words in the same order (`answer_tokens`), else 0."""
    return float(answer_tokens(answer, language) == answer_tokens(reference, language))


def token_f1(answer: str, reference: str, language: Language) -> float:
    """Harmonic mean of precision and recall over the bags of words (`answer_tokens`); 0 when they share none."""
    one, other = Counter(answer_tokens(answer, language)), Counter(answer_tokens(reference, language))
    return 2 * (one & other).total() / (one.total() + other.total()) if one and other else 0.0


def token_recall(answer: str, reference: str, language: Language) -> float:
    """Share of the reference's words that stand in the answer, each counted once; 0 for a reference without any."""
    wanted, given = set(answer_tokens(reference, language)), set(answer_tokens(answer, language))
    return len(wanted & given) / len(wanted) if wanted else 0.0


def bleu(answer: str, reference: str, language: Language) -> float:
    """Sentence BLEU of sacrebleu over 100, with the tokenizer "zh" for Chinese and "13a" for the rest."""
    return _of_100(_bleu("zh" if language == "zh" else "13a").sentence_score(answer, [reference]).score)


def chrf(answer: str, reference: str, language: Language) -> float:
    """Sentence chrF2 of sacrebleu over 100; the same for every language."""
    return _of_100(_chrf().sentence_score(answer, [reference]).score)


def rouge(kind: str) -> Callable[[str, str, Language], float]:
    """The F measure of rouge-score for ``kind``: "rouge1", "rouge2" or "rougeL"; the same for every language."""

    def measure(answer: str, reference: str, language: Language) -> float:
        return _rouge(kind).score(reference, answer)[kind].fmeasure

    return measure


_MEASURES: dict[str, Callable[[str, str, Language], float]] = {
    "exact_match": exact_match,
    "token_f1": token_f1,
    "bleu": bleu,
    "rouge1": rouge("rouge1"),
    "rouge2": rouge("rouge2"),
    "rougel": rouge("rougeL"),
    "chrf": chrf,
}


class TextScorer:
    """Not applicable to unanswerable cases and to those without a reference."""

    metrics = tuple(Metric(name=name, source=source) for name, source in _SOURCES.items())

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """One verdict a metric."""
        if not case.answerable:
            return dict.fromkeys(_SOURCES, not_applicable("The case is unanswerable."))
        if not case.reference.strip():
            return dict.fromkeys(_SOURCES, not_applicable("The case has no reference answer."))
        written = plain_text(answer) if answer.abstention is None else ""
        return {
            name: Score(value=measure(written, case.reference, case.language)) for name, measure in _MEASURES.items()
        }


def build(resources: Resources) -> TextScorer:
    """The scorer; it needs no resource."""
    return TextScorer()


def _of_100(score: float) -> float:
    return min(score / 100, 1.0)  # sacrebleu gives 100.00000000000004 for equal texts


@cache
def _bleu(tokenizer: str) -> Any:
    return require("sacrebleu.metrics", "evaluation").BLEU(tokenize=tokenizer, effective_order=True)


@cache
def _chrf() -> Any:
    return require("sacrebleu.metrics", "evaluation").CHRF()


@cache
def _rouge(kind: str) -> Any:
    return require("rouge_score.rouge_scorer", "evaluation").RougeScorer([kind], tokenizer=RougeTokenizer())
