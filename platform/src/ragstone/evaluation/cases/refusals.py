"""Whether a text declines to answer, told from its words: for systems that do not say so themselves.

A text is a refusal when it is empty, or when one of the phrases below stands in its first sentence (apologies and
"…:" before it left out) and nothing after it turns back to an answer ("however …", "不过……"). Phrases that speak of
sources ask for a word such as "passages" or "资料" before them, so that "the policy does not cover theft" stays an
answer. A system that says for itself whether it declined needs none of this: its word wins.
"""

import re

from ragstone.corpus.language import detect_language
from ragstone.corpus.sentences import sentence_spans

_SOURCE = r"\b(?:contexts?|passages?|documents?|sources?|texts?|materials?|information|articles?)\b"
_PHRASES = (
    r"\b(?:unable to|cannot|can not|can't|could not|couldn't|not able to) (?:answer|determine|help|assist|provide)\b",
    r"\bi (?:do not|don't) (?:know|have (?:enough |any |that |the |sufficient )?information)\b",
    r"\b(?:could not|couldn't|cannot|can't) find\b",
    r"\bfound nothing about\b",
    r"\b(?:not enough|insufficient|no relevant) information\b",
    rf"{_SOURCE}[^.!?]*\b(?:do|does|did)(?: not|n't) (?:seem to )?"
    r"(?:contain|mention|provide|include|cover|specify|state|say|answer|give|address)\b",
    rf"\bnot (?:\w+ )?(?:mentioned|provided|specified|stated|given|found|answered) (?:in|by) [^.!?]*{_SOURCE}",
    r"\bcould not prove an answer\b",
    r"(?:无法|不能|没法|难以)(?:回答|作答|确定|判断|提供)",
    r"不作回答",
    r"(?:^|(?:我|抱歉|对不起)[^。！？]{0,6})不(?:知道|清楚)",
    r"(?:没有|未能?|并未|找不到)(?:找到|查到|检索到)?任?何?(?:与[^。！？]{1,20})?相关(?:的?信息|的?内容|的?资料|的?答案)",
    r"(?:资料|文档|文件|上下文|材料|文中|原文|文章|段落|信息|来源|内容)[^。！？]{0,15}"
    r"(?:没有|未|并未|似乎没有)(?:明确)?(?:提及|提到|提供|包含|涉及|说明|写明|记载|回答|给出)",
    r"(?:信息|资料|材料)不足",
)
_REFUSAL = re.compile("|".join(_PHRASES), re.IGNORECASE)
_TURN = re.compile(r"\b(?:however|but|nevertheless|nonetheless|that said)\b|不过|但是|但|然而", re.IGNORECASE)
_APOLOGY = re.compile(r"\b(?:sorry|afraid)\b[^.!?]{0,3}\bbut\b", re.IGNORECASE)
_PREAMBLE = re.compile(
    r"[:：]\s*$|^\W*(?:(?:i'm |i am |we are )?(?:very |so )?sorry|抱歉|对不起|很抱歉)\W*$", re.IGNORECASE
)


def is_refusal(text: str) -> bool:
    """Whether ``text`` declines to answer; in English or Chinese."""
    plain = _APOLOGY.sub("sorry", text.strip().replace("’", "'"))
    if not plain:
        return True
    sentences = sentence_spans(plain, detect_language(plain))
    first = next((span for span in sentences if not _PREAMBLE.search(span.of(plain))), None)
    found = _REFUSAL.search(first.of(plain)) if first else None
    return first is not None and found is not None and not _TURN.search(plain, first.start + found.end())
