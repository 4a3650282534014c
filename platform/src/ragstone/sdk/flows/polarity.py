"""Yes or no, in the many ways that people say it in English and Chinese."""

import re
from typing import Literal

from ragstone.sdk.flows.conditions import plain

Polarity = Literal["yes", "no"]


def _phrases(*lines: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in lines for phrase in line.split("|"))


_WORDS: dict[Polarity, frozenset[str]] = {
    "yes": _phrases(
        "yes|yeah|yep|yup|yea|ya|y|sure|ok|okay|k|right|correct|true|of course|certainly|absolutely|definitely|indeed",
        "exactly|affirmative|no problem|i do|i did|i have|i am|it is|it does|it did|it has|they are|they do|they did",
        "是|是的|对|对的|嗯|嗯嗯|恩|好|好的|好了|行|可以|可以的|有|有的|会|会的|能|能的|没错|没问题|当然|当然可以|正确|真的",
    ),
    "no": _phrases(
        "no|nope|nah|n|not|not yet|not really|not at all|never|negative|false|incorrect|of course not",
        "unfortunately not|i don't|i do not|i didn't|i did not|i haven't|i have not|i'm not|i am not",
        "it isn't|it is not|it's not|it doesn't|it does not",
        "it didn't|it did not|it hasn't|it has not|they aren't|they don't|they didn't",
        "不|不是|不是的|不对|不行|不好|不可以|不会|不能|否|没|没有|没有的|还没|还没有|并没有|并不是|从来没有|错|都没有|都不是",
    ),
}
_HELP: dict[Polarity, frozenset[str]] = {
    "yes": _phrases(
        "fixed|solved|resolved|works|it works|worked|it worked|that worked|working|it is working|it's working|helped",
        "it helped|that helped|all good|it's fixed|it is fixed|problem solved",
        "解决|修好|有用|有效|管用|恢复|正常|能用|好用|问题解决|成功",
    ),
    "no": _phrases(
        "not working|it is not working|it's not working|it isn't working|doesn't work|it doesn't work|didn't work",
        "it didn't work|didn't help|it didn't help|that didn't help|still doesn't work|it still doesn't work|no change",
        "the same|same|still the same|nothing changed|still broken|no luck|no effect|still not working|did not help",
        "没用|没有用|没效果|没有效果|没变化|没有变化|一样|不管用|没解决|没有解决|没好|不能用|用不了|无效|老样子",
    ),
}
_DONE = _phrases(
    "done|it's done|it is done|i'm done|finished|ready|next|continue|go on|completed|did it|did that|all done",
    "完成|做完|做好|弄好|弄完|继续|下一步|做了|搞定|完毕|好|搞好|试过|已完成",
)
_DID = re.compile(r"(?:i've|i have|we've|we have)\s.+|[^不没未无别]{1,8}[好完过上毕]了?")
_CLAUSES = re.compile(r"[,.;!。;、~…]+")
_LEADING = re.compile(
    r"(?:(?:well|um+|uh+|oh|ah|hmm+|so|actually|still|and)\b\s*|[嗯哦啊呃唉那]+|现在|已经|应该|还是|确实|都|我|它)(?=.)"
)
_TRAILING = re.compile(
    r"(?<=.)(?:\s(?:please|thanks|thank you|now|then|again|already|sir|madam|i think)|[了啊吧呀哦呢的哈哟啦]|谢谢)$"
)
_ASKS = re.compile(
    r"\?$|^(?:what|why|how|when|where|who|which|can|could|do|does|did|should|is|are|will)\b"
    r"|什么|怎么|为何|如何|哪[里个些儿]|多久|[吗么]$|是不是|有没有|能不能|可不可以|要不要"
)
_YES_FIRST = re.compile(r"(?:(?:yes|yeah|yep|yup)\s|是的|对的|没错|嗯)(?P<more>.*)")
_NO_FIRST = re.compile(r"(?:no|nope|nah)\s(?=(?:i|it|it's|they|we|that|this|there|still|not|nothing)\b)(?P<more>.*)")
_NEGATION = re.compile(r"\b(?:no|not|never|nothing|without|cannot|neither)\b|n't\b|[不没未无别否]")
_AFFIRMATION = re.compile(r"\b(?:yes|yeah|yep|yup)\b")
_ECHO = re.compile(r"(?P<negation>还?没有?|不|未)?(?P<verb>[^不没未无别否]+)")
_WHETHER = re.compile(r"是否|有没有|(?P<verb>.)不(?=(?P=verb))")
_QUESTION_END = re.compile(r"[了过吗呢?。]+$|了没有?[?]?$")


def asks(text: str) -> bool:
    """Whether a text that `plain` wrote puts a question rather than answers one."""
    return _ASKS.search(text) is not None


def is_negated(text: str) -> bool:
    """Whether a text that `plain` wrote holds a word of negation."""
    return _NEGATION.search(text) is not None


def yes_or_no(said: str, question: str) -> Polarity | None:
    """What was said, or None when it is neither or both. A Chinese answer may echo the verb of ``question``."""
    return _polarity(said, _WORDS, question)


def helped_or_not(said: str) -> Polarity | None:
    """What was said of an instruction, or None when it is neither or both."""
    return _polarity(said, {side: _WORDS[side] | _HELP[side] for side in _WORDS}, "")


def is_done(said: str) -> bool:
    """Whether somebody says that an instruction is carried out."""
    clauses = _clauses(said)
    if asks(plain(said)) or any(is_negated(clause) for clause in clauses):
        return False
    done = any(form in _DONE or _DID.fullmatch(form) for clause in clauses for form in _forms(clause))
    return done or _polarity(said, _WORDS, "") == "yes"


def _polarity(said: str, words: dict[Polarity, frozenset[str]], question: str) -> Polarity | None:
    if asks(plain(said)):
        return None
    sides: list[Polarity | None] = [_side(clause, words) or _echo(clause, plain(question)) for clause in _clauses(said)]
    both = "yes" in sides and "no" in sides
    return sides[0] if sides and not both else None


def _clauses(said: str) -> list[str]:
    return [clause for part in _CLAUSES.split(plain(said)) if (clause := part.strip(" \"'()“”"))]


def _forms(clause: str) -> list[str]:
    """The clause, and what is left as the light words around it are taken away, one by one."""
    forms = [clause]
    while (shorter := _TRAILING.sub("", forms[-1])) != forms[-1]:
        forms.append(shorter.strip())
    for form in list(forms):
        while match := _LEADING.match(form):
            form = form[match.end() :].strip()
            forms.append(form)
    return forms


def _side(clause: str, words: dict[Polarity, frozenset[str]]) -> Polarity | None:
    for form in _forms(clause):
        for side in words:
            if form in words[side]:
                return side
    yes, no = _YES_FIRST.fullmatch(clause), _NO_FIRST.fullmatch(clause)
    if yes:
        return None if is_negated(yes["more"]) else "yes"
    if no:
        return None if _AFFIRMATION.search(no["more"]) else "no"
    return None


def _echo(clause: str, question: str) -> Polarity | None:
    """In Chinese, "亮" and "不亮" answer "灯亮吗？", unless the question negates, or offers two things."""
    asked = _QUESTION_END.sub("", _WHETHER.sub("", question))
    if not asked or is_negated(asked) or "还是" in asked:
        return None
    for form in _forms(clause):
        match = _ECHO.fullmatch(form)
        verb = match["verb"] if match else ""
        if (
            match
            and verb
            and (asked.endswith(verb) or f"是否{verb}" in question or (verb[-1] == "过" and verb in asked))
        ):
            return "no" if match["negation"] else "yes"
    return None
