"""Negation in English and Chinese."""

import re

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|[a-z]+n['’]t|unable|lacks?|lacking|fails?|failed|den(?:y|ies|ied))\b"
    r"|[不没無无未非勿莫](?!同|仅|过|错|论|断|少|止|比|来|常|得不)|禁止|拒绝|缺乏|并非",
    re.IGNORECASE,
)


def negated(text: str) -> bool:
    """Whether ``text`` denies what it says: an odd number of negations ("not uncommon" affirms)."""
    return len(_NEGATION.findall(text)) % 2 == 1


def mentions_negation(text: str) -> bool:
    """Whether any word of negation stands in ``text``."""
    return _NEGATION.search(text) is not None
