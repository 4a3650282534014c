"""What somebody says, read as an answer to a step."""

import re

from ragstone.sdk.flows import wording
from ragstone.sdk.flows.choices import choose
from ragstone.sdk.flows.conditions import Value, plain
from ragstone.sdk.flows.model import (
    Asked,
    ChoiceQuestion,
    Instruction,
    NumberQuestion,
    Phrases,
    TextQuestion,
    YesNoQuestion,
)
from ragstone.sdk.flows.numerals import Numeral, numerals
from ragstone.sdk.flows.polarity import asks, helped_or_not, is_done, yes_or_no
from ragstone.types import Language, Scalar

_INEXACT = re.compile(
    r"\b(?:more|less|fewer|over|under|above|below|at least|at most|up to|not|isn't|wasn't)\b"
    r"|超过|以上|以下|以内|[多少高低大小]于|至[少多]|最[少多]|[不没]|多[个天年]|[十百千万]多|\d多"
)
_NOUGHT = frozenset(["none", "nothing", "没有", "无", "一个也没有", "一个都没有"])
_NO_UNIT = re.compile(r"[\s.,)]*(?:左右|上下|吧|了|呢|个|前|以前|or so|ish|i think|i guess|ago|please)?[\s.,)]*")


def read_answer(step: Asked, said: str) -> Value | None:
    """The value that words in English or Chinese give to a step; None when they do not fit it."""
    if isinstance(step, ChoiceQuestion):
        return choose(said, step.answers)
    if isinstance(step, YesNoQuestion):
        return yes_or_no(said, step.text.zh)
    if isinstance(step, Instruction):
        return helped_or_not(said) if step.helped else ("done" if is_done(said) else None)
    value = said.strip() if isinstance(step, TextQuestion) else _number(said, step.unit)
    return value if value is not None and step.fits(value) else None


def known_answer(step: Asked, known: Scalar) -> Value | None:
    """The value that something known gives to a step: itself, true or false for yes or no, or words; else None."""
    if isinstance(known, bool):
        known = "yes" if known else "no"
    if step.fits(known):
        return known
    return read_answer(step, known) if isinstance(known, str) else None


def misfit(step: Asked, language: Language) -> str:
    """What to say to an answer that does not fit."""
    if isinstance(step, ChoiceQuestion):
        labels = [f"{at}. {option.label.of(language)}" for at, option in enumerate(step.answers.values(), 1)]
        return wording.WHICH.of(language).format(options=("；" if language == "zh" else "; ").join(labels))
    if isinstance(step, NumberQuestion):
        return _number_misfit(step, language)
    if isinstance(step, TextQuestion):
        return wording.SOME_WORDS.of(language)
    if isinstance(step, YesNoQuestion):
        return wording.YES_OR_NO.of(language)
    return (wording.HAS_IT_HELPED if step.helped else wording.SAY_DONE).of(language)


def _number(said: str, unit: Phrases | None) -> int | float | None:
    text = plain(said).strip(" .,!。")
    if text in _NOUGHT:
        return 0
    text = text.replace("差不多", "")
    names = _unit_names(unit) if unit else []
    for name in names:
        text = text.replace(f"{name}半", f"个半{name}")
    if names:
        text = re.sub(rf"(?<!half )\ban?\s(?=(?:{'|'.join(map(re.escape, names))})\b)", "1 ", text)
    found = numerals(text)
    if len(found) != 1 or asks(text) or _INEXACT.search(text):
        return None
    return _in_unit(found[0], names) if names else found[0].value


def _in_unit(numeral: Numeral, names: list[str]) -> int | float | None:
    """The value, when the unit or nothing of weight follows it; another unit makes another number."""
    rest = numeral.rest.removeprefix("个")
    for name in names:
        more = rest.removeprefix(name)
        if numeral.value is not None and rest.startswith(name) and not re.match(r"[a-z]", more):
            return numeral.value
    return numeral.value if _NO_UNIT.fullmatch(rest) else None


def _unit_names(unit: Phrases) -> list[str]:
    """The names of a unit, longest first, each English one with and without its plural."""
    names = {plain(name) for name in unit.all()}
    names |= {name.removesuffix("s") if name.endswith("s") else f"{name}s" for name in names if name.isalpha()}
    return sorted(names - {""}, key=len, reverse=True)


def _number_misfit(step: NumberQuestion, language: Language) -> str:
    unit = wording.IN_UNIT.of(language).format(unit=step.unit.of(language)[0]) if step.unit else ""
    if step.min is not None and step.max is not None:
        limits = wording.BETWEEN
    else:
        limits = wording.FROM if step.min is not None else wording.UP_TO
    bounded = step.min is not None or step.max is not None
    between = limits.of(language).format(min=step.min, max=step.max) if bounded else ""
    return wording.ONE_NUMBER.of(language).format(unit=unit, range=between)
