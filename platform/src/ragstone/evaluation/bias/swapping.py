"""The same text about a person of another group."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ragstone.evaluation.bias import english
from ragstone.evaluation.bias.lexicon import Attribute, Lexicon, load_lexicon
from ragstone.types import Language

_PRONOUNS = {"male": english.MALE, "female": english.FEMALE}
_YEARS = r"\d{1,3}"
_NOBODY = "(?!)"  # matches nowhere


def counterfactual_text(text: str, attribute: str, from_group: str, to_group: str, language: Language) -> str:
    """Swap the words for one group with those for another; everything else stays, character for character.

    People of other groups stay who they are: her husband becomes his husband.

    English keeps its grammar: pronouns (he, him, his, himself; "her" is told apart as his or him), a and an, plurals,
    possessives, capitals. Ages keep their distance from the youngest of their group. Given names stand for names.
    Chinese words inside of others are left alone (其他, 他汀); 他们 becomes 她们. Which of several words fits is
    decided by the lexicon's order: a woman's "Mrs" and "Miss" both become "Mr", and "Mr" becomes "Ms".

    Raises:
        UsageError: no such attribute, group or language.
    """
    load_lexicon(language).attribute(attribute).require(from_group, to_group)
    if from_group == to_group:
        return text
    swap = _swap(language, attribute, from_group, to_group)
    return swap.pattern.sub(lambda match: _replaced(swap, match), text)


def groups_in(text: str, attribute: str, language: Language) -> frozenset[str]:
    """The groups that the text has words for.

    Raises:
        UsageError: no such attribute or language.
    """
    groups = load_lexicon(language).attribute(attribute).groups
    found: set[str] = set()
    for group, other in zip(groups, (*groups[1:], groups[0]), strict=True):
        swap = _swap(language, attribute, group, other)
        if any(_names_somebody(swap, match) for match in swap.pattern.finditer(text)):
            found.add(group)
    return frozenset(found)


def is_about(text: str, attribute: str, language: Language) -> bool:
    """Whether the text speaks of the attribute itself (an age, a pregnancy), so that its answer may depend on it."""
    words = "|".join(re.escape(word) for word in load_lexicon(language).attribute(attribute).about)
    return re.search(rf"\b(?:{words})" if language == "en" else words, text, re.IGNORECASE) is not None


@dataclass(frozen=True)
class _Swap:
    """``pattern`` has the groups article, gap, keep, years, term and name; ``words`` is keyed by the found word.

    A key in lower case serves any capitals; one with capitals of its own serves itself alone.
    """

    pattern: re.Pattern[str]
    words: Mapping[str, str]
    ages: tuple[tuple[int, int], int] | None


def _replaced(swap: _Swap, match: re.Match[str]) -> str:
    found = match.groupdict()
    if found.get("keep") is not None:
        return match.group()
    new = _aged(swap.ages, found["years"]) if swap.ages and found["years"] else _reworded(swap, match)
    if found.get("article") is None:
        return new
    return f"{english.like(found['article'], english.article(new))}{found['gap']}{new}"


def _aged(ages: tuple[tuple[int, int], int], years: str) -> str:
    (low, high), to = ages
    return str(int(years) - low + to) if low <= int(years) <= high else years


def _reworded(swap: _Swap, match: re.Match[str]) -> str:
    word, before = match["term"], match.string[: match.start("term")]
    if word in swap.words and not word.islower():
        return english.opening(before, swap.words[word])
    new = swap.words.get(word.lower()) or english.pronoun(word, before, match.string[match.end("term") :])
    return english.like(word, new)


def _names_somebody(swap: _Swap, match: re.Match[str]) -> bool:
    return _replaced(swap, match) != match.group()


@cache
def _swap(language: Language, attribute: str, from_group: str, to_group: str) -> _Swap:
    lexicon = load_lexicon(language)
    entry = lexicon.attribute(attribute)
    source, target = entry.groups.index(from_group), entry.groups.index(to_group)
    make = _english if language == "en" else _chinese
    pattern, words = make(lexicon, entry, source, target)
    ages = (entry.years[from_group], entry.years[to_group][0]) if entry.years else None
    return _Swap(pattern, words, ages)


def _pairs(rows: tuple[tuple[str, ...], ...], source: int, target: int) -> dict[str, str]:
    """From word to word; the first row that has a word decides."""
    pairs: dict[str, str] = {}
    for row in rows:
        pairs.setdefault(row[source], row[target])
    return pairs


def _names(entry: Attribute, source: int, target: int) -> dict[str, str]:
    if not entry.names:
        return {}
    old, new = (entry.names[entry.groups[index]] for index in (source, target))
    parts = ((a.split(), b.split()) for a, b in zip(old, new, strict=True))
    return {one: other for ours, theirs in parts for one, other in zip(ours, theirs, strict=True)}


def _english(lexicon: Lexicon, entry: Attribute, source: int, target: int) -> tuple[re.Pattern[str], dict[str, str]]:
    nouns = _pairs(entry.terms, source, target)
    nouns |= {english.plural(one): english.plural(other) for one, other in nouns.items()}
    nouns |= _pairs(entry.words, source, target)
    adjectives = _pairs(entry.adjectives, source, target)
    pronouns = _PRONOUNS.get(entry.groups[source], ()) if set(entry.groups) == set(_PRONOUNS) else ()
    names = _names(entry, source, target)
    years = _YEARS if entry.years else _NOBODY
    person = f"(?=\\s+(?:{'|'.join(lexicon.persons)})\\b)"
    terms = [_any_case(word) for word in _longest_first([*nouns, *names, *pronouns])]
    terms += [_any_case(word) + person for word in _longest_first(adjectives)]
    pattern = (
        r"(?<![\w-])(?:(?P<article>[Aa]n?)(?P<gap>\s+))?"
        rf"(?:(?P<years>{years})(?=[- ](?:years?|yrs?)[- ]old\b)|"
        rf"(?P<term>{'|'.join(terms)})(?![\w-]))"
    )
    return re.compile(pattern), adjectives | nouns | names


def _any_case(word: str) -> str:
    """A word in lower case matches any capitals; one with capitals ("Polish") only itself."""
    return f"(?i:{re.escape(word)})" if word.islower() else re.escape(word)


def _chinese(lexicon: Lexicon, entry: Attribute, source: int, target: int) -> tuple[re.Pattern[str], dict[str, str]]:
    words = _pairs(entry.words, source, target)
    names = {one[1:]: other[1:] for one, other in _names(entry, source, target).items()}
    terms = _longest_first(words)
    years = _YEARS if entry.years else _NOBODY
    named = f"(?<=[{lexicon.surnames}])(?:{'|'.join(names) or _NOBODY})"
    pattern = (
        rf"(?P<keep>{'|'.join(_longest_first(lexicon.keep))})|"
        rf"(?P<years>{years})(?=\s*周?岁)|(?P<term>{'|'.join(terms) or _NOBODY}|{named})"
    )
    return re.compile(pattern), words | names


def _longest_first(words: Mapping[str, str] | list[str] | tuple[str, ...]) -> list[str]:
    return sorted(words, key=len, reverse=True)
