"""One JSON text for one value: what is compared byte for byte, hashed, and stored."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel


def canonical(value: Any) -> str:
    """Records and plain values as JSON on one line: keys sorted, sets sorted, every number finite.

    Raises:
        ValueError: a number that is not finite, or text that UTF-8 cannot hold.
        TypeError: a value that JSON does not know.
    """
    text = json.dumps(value, default=_plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text.encode()  # a lone surrogate would otherwise fail only when it is written
    return text


def digest(value: Any) -> str:
    """The sha256, in hexadecimal, of the canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, set | frozenset):
        return sorted(value)  # type: ignore[reportUnknownArgumentType] (of one type, or a TypeError)
    raise TypeError(f"{type(value).__name__} is no plain value")
