"""Finds what must never be kept of a user: credentials, payment data, identity numbers, health data.

A profile holds only fields that a plugin declares; this is the second lock, on their values. It looks at forms (card
and account numbers with their check digits, identity numbers, keys) and at words. It cannot know every illness: a
plugin that wants free text in a profile is badly designed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

_DIGITS = re.compile(r"(?<!\d)\d(?:[ .-]?\d){11,18}(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_CHINESE_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_US_ID = re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")
_KEY = re.compile(
    r"\b(?:sk|pk|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{16,}|\bAKIA[A-Z0-9]{16}\b|\beyJ[\w-]{10,}\.[\w-]{10,}"
)
_CREDENTIAL = re.compile(
    r"(?i)(?:\b(?:password|passwd|passphrase|passcode|pin code|one[- ]time code|cvv2?|cvc|security code)\b"
    r"|密码|口令|验证码|校验码|安全码)(?:(?:\s*(?:\bis\b|\bwas\b|=|:|是|为))+\s*(?P<value>[^\s,，。;；]+(?: \d+)*)"
    r"|\s*(?P<code>[A-Za-z]*\d[A-Za-z0-9]*))?"
)
_HEALTH = re.compile(
    r"(?i)\b(?:diagnos\w+|disease|illness|cancer|tumou?r|diabet\w+|hiv|aids|epilep\w+|asthma\w*|depress\w+|pregnan\w+|"
    r"allerg\w+|blood (?:type|pressure)|medication|prescri\w+|insulin|chemotherapy|disabilit\w+|patient)\b"
    r"|诊断|疾病|癌|肿瘤|糖尿病|高血压|艾滋|癫痫|哮喘|抑郁|怀孕|孕妇|过敏|血型|血压|用药|处方|胰岛素|化疗|残疾|患者|病史"
)
_HEALTH_DATA = "health data"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def forbidden(value: Any) -> str:
    """What kind of data a value holds that must not be kept; empty when none is seen."""
    for text in _texts(value):
        for _, _, kind in _found(unicodedata.normalize("NFKC", text)):
            return kind
    return ""


def masked(text: str) -> str:
    """The text with credentials, payment data and identity numbers replaced by their kind; health data stays.

    For what people must read (a request for help), not for what is kept. Full-width characters come out as plain ones.
    """
    plain = unicodedata.normalize("NFKC", text)
    for start, end, kind in sorted(_found(plain), reverse=True):
        if kind != _HEALTH_DATA and end > start:
            plain = f"{plain[:start]}[{kind}]{plain[end:]}"
    return plain


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in cast("dict[Any, Any]", value).items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in cast("list[Any]", value):
            yield from _texts(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _found(text: str) -> list[tuple[int, int, str]]:
    """What is forbidden in a text: start, end, kind; the first kind that claims a character has it.

    A credential is marked where its value stands; one that is only named ("I forgot my password") has an empty span.
    """
    found: list[tuple[int, int, str]] = []
    for kind, matches in (
        ("a credential", [*_CREDENTIAL.finditer(text), *_KEY.finditer(text)]),
        ("an identity number", [*_US_ID.finditer(text), *_checked(_CHINESE_ID.finditer(text), _chinese_id)]),
        ("payment data", [*_checked(_DIGITS.finditer(text), _luhn), *_accounts(text)]),
        (_HEALTH_DATA, list(_HEALTH.finditer(text))),
    ):
        for match in matches:
            if not any(match.start() < end and start < match.end() for start, end, _ in found):
                found.append((*_span(match), kind))
    return found


def _span(match: re.Match[str]) -> tuple[int, int]:
    if match.re is not _CREDENTIAL:
        return match.span()
    name = next((name for name in ("value", "code") if match.group(name)), None)
    return match.span(name) if name else (match.start(), match.start())


def _checked(matches: Iterable[re.Match[str]], right: Callable[[str], bool]) -> list[re.Match[str]]:
    return [match for match in matches if right(re.sub(r"[ .-]", "", match.group()))]


def _accounts(text: str) -> list[re.Match[str]]:
    """Account numbers; the longest run of blocks that has right check digits, for words may follow."""
    found: list[re.Match[str]] = []
    for match in _IBAN.finditer(text):
        ends = [end for end in range(match.end(), match.start() + 14, -1) if text[end - 1] != " "]
        whole = (_IBAN.fullmatch(text, match.start(), end) for end in ends)
        right = next((each for each in whole if each and _iban(each.group().replace(" ", ""))), None)
        found += [right] if right else []
    return found


def _luhn(digits: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1); a row of one digit is no card."""
    doubled = [int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _iban(text: str) -> bool:
    """ISO 7064 MOD 97-10 over the moved text, letters as numbers from 10."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _chinese_id(number: str) -> bool:
    """GB 11643: the check character of 17 digits, ISO 7064 MOD 11-2."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()
