"""What a detector sees of a sentence beside its source: counts and shares, the same for English and Chinese."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragstone.answering.facts import extract
from ragstone.answering.grounding.moments import times
from ragstone.answering.grounding.polarity import mentions_negation, negated
from ragstone.answering.grounding.source import Source, grams, words
from ragstone.index.tokens import tokenize

_HEDGE = re.compile(
    r"\b(?:may|might|could|likely|possibly|perhaps|seems?|appears?|overall|generally|typically|usually|often"
    r"|however|although|additionally|also|etc|various|many)\b|可能|也许|大概|似乎|总之|总体|此外|通常|往往|各种",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b(?:I|you|your|we|our)\b|[你您我]")
_OTHERS = re.compile(
    r"\b(?:reviews?|reviewers?|customers?|guests?|users?|visitors?|patrons?)\b|评价|评论|顾客|用户", re.IGNORECASE
)

NAMES = (
    "words", "covered", "covered_rare", "best_sentence", "best_pair", "second_sentence", "bigrams", "trigrams",
    "fourgrams", "pieces", "longest_run", "numbers", "numbers_missing", "names", "names_missing", "codes_missing",
    "negation", "negation_turned", "hedges", "in_question", "new_words", "new_share", "position", "last", "address",
    "others", "denied_attributes", "affirmed_attributes", "held_attributes", "absent_attributes", "times",
    "times_missing", "structured", "has_question", "sentences", "source_words", "ratio",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a sentence stands in its answer."""

    index: int
    count: int
    answer_words: int


def sentence_features(sentence: str, source: Source, place: Place) -> NDArray[np.float64]:
    """The features of `NAMES`, shape (len(NAMES),)."""
    content, plain = frozenset(tokenize(sentence)), words(sentence)
    values = [
        float(len(plain)),
        *_coverage(content, source),
        *_copies(sentence, plain, source),
        *_facts(sentence, source),
        *_manner(sentence, content, source),
        place.index / max(1, place.count - 1),
        float(place.index == place.count - 1),
        float(_ADDRESS.search(sentence) is not None),
        float(_OTHERS.search(sentence) is not None),
        *_structure(sentence, content, source),
        float(bool(source.question)),
        float(place.count),
        np.log1p(len(source.text) / 5),
        np.log1p(place.answer_words / (1 + len(source.text) / 5)),
    ]
    return np.asarray(values, dtype=np.float64)


def answer_features(sentences: Sequence[str], source: Source) -> NDArray[np.float64]:
    """One row a sentence, shape (len(sentences), len(NAMES))."""
    total = sum(len(words(sentence)) for sentence in sentences)
    rows = [
        sentence_features(sentence, source, Place(index, len(sentences), total))
        for index, sentence in enumerate(sentences)
    ]
    return np.asarray(rows, dtype=np.float64).reshape(-1, len(NAMES))


def _coverage(content: frozenset[str], source: Source) -> list[float]:
    size = max(1, len(content))
    rare = {word: source.rarity.get(word, source.unseen) for word in content}
    shared = sorted((len(content & other) / size for other in source.contents), reverse=True)
    pairs = zip(source.contents, [*source.contents[1:], frozenset[str]()], strict=True)
    return [
        len(content & source.content) / size,
        fsum(value for word, value in rare.items() if word in source.content) / (fsum(rare.values()) or 1.0),
        shared[0],
        max(len(content & (one | other)) / size for one, other in pairs),
        shared[1] if len(shared) > 1 else 0.0,
    ]


def _copies(sentence: str, plain: list[str], source: Source) -> list[float]:
    shares = [_share(grams(plain, n), source.runs[n]) for n in (2, 3, 4)]
    pieces = {sentence[start : start + 4].lower() for start in range(len(sentence) - 3)}
    longest = run = 0
    for pair in pairwise(plain):
        run = run + 1 if pair in source.runs[2] else 0
        longest = max(longest, run)
    return [*shares, _share(pieces, source.pieces), longest / max(1, len(plain))]


def _share(found: set[Any], known: AbstractSet[Any]) -> float:
    return len(found & known) / len(found) if found else 1.0


def _facts(sentence: str, source: Source) -> list[float]:
    facts, low = extract(sentence), source.text.lower()
    known = {quantity.value for quantity in source.facts.quantities}
    return [
        float(len(facts.quantities)),
        float(sum(quantity.value not in known for quantity in facts.quantities)),
        float(len(facts.names)),
        float(sum(name.removesuffix("s") not in low for name in facts.names)),
        float(sum(code not in low for code in facts.codes)),
    ]


def _manner(sentence: str, content: frozenset[str], source: Source) -> list[float]:
    size = max(1, len(content))
    new = content - source.content - source.question
    turned = negated(sentence) != negated(source.sentences[source.nearest(content)])
    return [
        float(mentions_negation(sentence)),
        float(turned),
        float(len(_HEDGE.findall(sentence))),
        len(content & source.question) / size,
        float(len(new)),
        len(new) / size,
    ]


def _structure(sentence: str, content: frozenset[str], source: Source) -> list[float]:
    attributes, denies = source.attributes or (), mentions_negation(sentence)
    held = sum(bool(item.words & content) for item in attributes if item.holds)
    absent = sum(bool(item.words & content) for item in attributes if not item.holds)
    moments = times(sentence)
    return [
        float(absent) if not denies else 0.0,
        float(held) if denies else 0.0,
        float(held),
        float(absent),
        float(len(moments)),
        float(sum(moment not in source.times for moment in moments)),
        float(source.attributes is not None),
    ]
