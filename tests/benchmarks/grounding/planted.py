"""Pairs made by code: a sentence of a source, and the same with another number. They teach what short sources are like.

Labelled answers lean on long sources, where a copied sentence is rare and a wrong number rarer still. Each pair stands
beside one to five sentences of its source.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.benchmarks.common import SEED
from tests.benchmarks.grounding.data import Labelled

from ragstone.corpus.sentences import sentence_spans
from ragstone.types import Language

PAIRS = 2
"""Pairs for each source."""
_NUMBER = re.compile(r"(?<![\w.,:/-])\d{1,4}(?![\w.,:/-]|[.,]\d)|(?<![\d.:/-])\d{1,4}(?=[\u4e00-\u9fff])")


def planted_pairs(rows: Sequence[Labelled], language: Language) -> Iterator[Labelled]:
    """A true and a false sentence in turns, from every source that states a number."""
    shuffler = random.Random(SEED)
    sources = {row.group: row for row in rows if not row.source.lstrip().startswith("{")}
    for row in sources.values():
        sentences = [span.of(row.source) for span in sentence_spans(row.source, language)]
        chosen = [place for place, sentence in enumerate(sentences) if _NUMBER.search(sentence)]
        for number, place in enumerate(shuffler.sample(chosen, min(PAIRS, len(chosen)))):
            near = sentences[max(0, place - shuffler.randrange(3)) : place + 1 + shuffler.randrange(3)]
            true = replace(row, id=f"{row.id}-planted-{number}", source="\n".join(near), question="", spans=())
            yield replace(true, answer=sentences[place], label=0)
            false = _spoilt(sentences[place], true.source, shuffler)
            yield replace(true, id=f"{true.id}-false", answer=false, label=1, spans=((0, len(false)),))


def _spoilt(sentence: str, source: str, shuffler: random.Random) -> str:
    """The sentence with another first number."""
    return _NUMBER.sub(lambda match: _other(match.group(), source, shuffler), sentence, count=1)


def _other(number: str, source: str, shuffler: random.Random) -> str:
    """A number of the same length that the source does not hold."""
    low, high = 10 ** (len(number) - 1), 10 ** len(number) - 1
    found = [str(shuffler.randint(low, high)) for _ in range(50)]
    return next((other for other in found if other not in source), str(high * 7))
