# ruff: noqa: SIM905 (lists of words read better as text)
"""The grammar that a swap of English words needs: articles, plurals, capitals and the two meanings of "her"."""

import re

_AN = re.compile(r"[aeiou]|8|11(?!\d)|18(?!\d)|hour|honest|honou?r|heir", re.IGNORECASE)
_NOT_AN = re.compile(r"uni|use|usu|euro|eur|one\b|ewe|uk\b|u\.", re.IGNORECASE)
_NEXT_WORD = re.compile(r"\s+([A-Za-z0-9][\w'-]*)")
_LAST_WORD = re.compile(r"([A-Za-z']+)\s*$")

# What may follow an object ("gave him the card", "told her that", "him quickly") and never begins a noun phrase
# that "his" or "her" owns.
_NOT_OWNED = frozenset(
    "a an the this that these those and or but nor so yet if when while because since before after until as than to of "
    "in on at by for from with without about into onto over under through during against between off out up down back "
    "away here there now then today tomorrow yesterday again soon later too also not no some any all both every each "
    "enough more much is was are were be been has have had do does did can could will would should may might must who "
    "whom which what where why how whether i you he she it we they me us them him his her my your our their please "
    "ever once twice instead either together alone".split()
)
_BEFORE_VERB = frozenset("let lets letting help helps helped helping make makes made making see saw hear heard".split())
_VERBS = frozenset(
    "know go take see use have be get understand return do try feel stop start keep come leave eat drink sleep walk "
    "pay send find choose decide move breathe sit stand wait call ask say tell speak read write learn buy sell".split()
)
_GIVING = frozenset(
    "give gives gave given giving offer offers offered send sends sent prescribe prescribed prescribes charge charged "
    "charges cost costs pay paid owe owes grant granted lend lent hand handed refund refunded".split()
)
_OWNED_IN_LY = frozenset("family only early daily weekly monthly yearly elderly newly fully previously lovely".split())


def article(word: str) -> str:
    """The indefinite article by sound: an hour, an 82-year-old, a university, a European."""
    return "an" if _AN.match(word) and not _NOT_AN.match(word) else "a"


def plural(noun: str) -> str:
    """The plural by rule, of the last word: woman, women; lady, ladies; boss, bosses."""
    if noun.endswith("wife"):
        return f"{noun[:-2]}ves"
    if noun.endswith("man"):
        return f"{noun[:-2]}en"
    if noun.endswith("person"):
        return f"{noun[:-6]}people"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def like(model: str, word: str) -> str:
    """The word with the capitals of ``model``: MAN, WOMAN; Man, Woman; a name keeps its own."""
    if len(model) > 1 and model.isupper() and len(word) > 1:
        return word.upper()
    return word[0].upper() + word[1:] if model[0].isupper() else word


def opening(before: str, word: str) -> str:
    """The word with a capital when it opens a sentence after ``before``."""
    return word[0].upper() + word[1:] if before.rstrip()[-1:] in ("", *".!?") else word


def owns(before: str, after: str) -> bool:
    """Whether "his" or "her" between the two texts owns the noun phrase that follows ("her card", not "told her").

    Rules, not a parser: the next word decides. "Gave her aspirin" is read as her aspirin.
    """
    found = _NEXT_WORD.match(after)
    if found is None:
        return False
    word = found.group(1).lower()
    last = _LAST_WORD.search(before)
    verb = last.group(1).lower() if last else ""
    if word in _NOT_OWNED or (word[0].isdigit() and verb in _GIVING) or (word in _VERBS and verb in _BEFORE_VERB):
        return False
    return not word.endswith("ly") or word in _OWNED_IN_LY


def pronoun(word: str, before: str, after: str) -> str:
    """One of `MALE` or `FEMALE` as the other sex's, in lower case."""
    match word.lower():
        case "he":
            return "she"
        case "she":
            return "he"
        case "him":
            return "her"
        case "himself":
            return "herself"
        case "herself":
            return "himself"
        case "hers":
            return "his"
        case "his":
            return "her" if owns(before, after) else "hers"
        case _:  # her
            return "his" if owns(before, after) else "him"


MALE = ("he", "him", "his", "himself")
FEMALE = ("she", "her", "hers", "herself")
