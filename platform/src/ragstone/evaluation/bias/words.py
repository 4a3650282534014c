"""Words for comparing two answers."""

import re

from ragstone.corpus.language import HAN

_WORD = re.compile(f"[{HAN}]|[^\\W_{HAN}]+")


def words(text: str) -> list[str]:
    """Runs of letters and digits in lower case, and each Chinese character."""
    return _WORD.findall(text.lower())
