"""Negation in English and Chinese."""

import re

_NEGATION = re.compile(
    r"\b(?:not(?!\s+(?:only|just|merely)\b)|no(?!\.\s?\d)|never|none|nothing|nobody|neither|nor|without|cannot"
    r"|[a-z]+n['’]t|unable|lacks?|lacking|fails?|failed|den(?:y|ies|ied))\b"
    r"|[不没無无未勿](?!同|仅|但|只|管|久|过|错|论|断|少|止|比|来|常|线|锡|人机|疑|缝|偿|可或缺)"
    r"|禁止|拒绝|缺乏|[并绝而]非|切莫|请别|千万别",
    re.IGNORECASE,
)


def negated(text: str) -> bool:
    """Whether ``text`` denies what it says: an odd number of negations ("never without" and 不得不 affirm).

    Negation inside a word is no negation: "not uncommon" denies "uncommon", and 无线 is a kind of network.
    """
    return len(_NEGATION.findall(text)) % 2 == 1


def mentions_negation(text: str) -> bool:
    """Whether any word of negation stands in ``text``."""
    return _NEGATION.search(text) is not None
