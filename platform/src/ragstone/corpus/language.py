# ruff: noqa: SIM905 (lists of words read better as text)
"""Which language a text is in, from its script and its commonest words.

No model: the platform tells English from Chinese and both from the rest, and a rule that can be read
does that. The rule, in order:

1. Han, kana, hangul and other non-Latin letters are counted one by one, Latin letters as words.
2. Kana or hangul in more than a tenth of the East Asian letters: ``other``.
3. More than one Han character for every two Latin words: ``zh`` (Chinese text is full of Latin names,
   English text holds Chinese words only as quotations).
4. More letters of another script than Latin words: ``other``.
5. Latin words: the function words of English against those of its neighbours. No function word at all is
   normal in a title or in code: up to 20 plain ASCII words count as English, more do not.
6. No letters (numbers, codes of digits, signs): ``default``.
"""

import re

from ragstone.types import Language

SAMPLE_CHARACTERS = 20_000
_WORDLESS_LIMIT = 20

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN = re.compile(f"[{HAN}]")
_KANA_HANGUL = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f\u1100-\u11ff\uac00-\ud7af]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1dbf\ua000-\uabff]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")

_ENGLISH = frozenset(
    "the of and to is that for it with as was on are be this by not or have from at which but they you we his her "
    "their has had will would can if there what how when where who why do does did my your our i he she been were "
    "than then these those should must may any only into about before after".split()
)
_NEIGHBOURS = frozenset(
    "der die das und ist nicht ein eine mit auf für von zu den dem sich auch wie bei wird sind "
    "le la les des et est une pour dans que qui sur pas avec ce sont du au aux vous nous il elle "
    "el los las y es en un por con para del se una su al lo como más pero "
    "il di che è per della sono gli nel non alla con dei "
    "o os uma não em da dos ao pelo são "
    "het een van en niet dat op te zijn voor met aan "
    "och att det som på av är till inte yang dan untuk dengan tidak ini itu dari pada".split()
)


def detect_language(text: str, default: Language = "en") -> Language:
    """Tell English, Chinese and the rest apart; reads the first 20 000 characters.

    Args:
        text: any text, also a short question.
        default: the answer for a text without a single letter.
    """
    sample = text[:SAMPLE_CHARACTERS]
    han = len(_HAN.findall(sample))
    syllables = len(_KANA_HANGUL.findall(sample))
    words = _LATIN_WORD.findall(sample)
    if syllables > (han + syllables) / 10:
        return "other" if syllables + han > len(words) / 2 else _latin(words)
    if han > len(words) / 2:
        return "zh"
    if len(_OTHER_SCRIPT.findall(sample)) > len(words):
        return "other"
    return _latin(words) if words else default


def _latin(words: list[str]) -> Language:
    lowered = [word.lower() for word in words]
    english = sum(word in _ENGLISH for word in lowered)
    neighbours = sum(word in _NEIGHBOURS for word in lowered)
    if english or neighbours:
        return "en" if english >= neighbours else "other"
    plain = all(word.isascii() for word in lowered)
    return "en" if plain and len(words) <= _WORDLESS_LIMIT else "other"
