"""Character ranges as plain pairs: a large document has hundreds of thousands of them."""


def trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The range without the white space at its ends; None when nothing else is in it."""
    piece = text[start:end]
    body = piece.strip()
    if not body:
        return None
    first = start + len(piece) - len(piece.lstrip())
    return first, first + len(body)
