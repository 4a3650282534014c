"""Words for comparing an answer with its reference, one rule for each published measure.

Both take each Chinese character as a word: it needs no dictionary, and no segmenter's guesses decide a score.
"""

import re
import string
import unicodedata

from ragstone.corpus.language import HAN
from ragstone.types import Language

_HAN = re.compile(f"[{HAN}]")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_ROUGE_TOKEN = re.compile(f"[a-z0-9]+|[{HAN}]")


def answer_tokens(text: str, language: Language) -> list[str]:
    """The words of a short answer as MLQA's evaluation takes them (Lewis et al. 2020).

    Lower case, without punctuation of any script, cut at white space and around each Chinese character; English
    loses its articles. For English in ASCII this is SQuAD's normalisation (Rajpurkar et al. 2016).
    """
    plain = "".join(character for character in text.lower() if not _is_punctuation(character))
    if language == "en":
        plain = _ARTICLES.sub(" ", plain)
    return _HAN.sub(lambda match: f" {match.group()} ", plain).split()


class RougeTokenizer:
    """What rouge-score's own tokenizer gives (runs of a-z and 0-9), and each Chinese character beside it."""

    def tokenize(self, text: str) -> list[str]:
        """The tokens, in order."""
        return _ROUGE_TOKEN.findall(text.lower())


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")
