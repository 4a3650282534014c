"""Numbers as the reports write them."""

MINUS = "−"


def number(value: float | None) -> str:
    """Three decimals for small numbers, fewer for large ones; a dash for none."""
    if value is None:
        return "–"
    size = abs(value)
    text = f"{size:.3f}" if size < 10 else f"{size:.1f}" if size < 1000 else f"{size:.0f}"
    return f"{MINUS}{text}" if value < 0 and float(text) else text


def change(value: float | None) -> str:
    """The same with its sign."""
    text = number(value)
    return f"+{text}" if value is not None and value > 0 and float(text) else text


def interval(low: float | None, high: float | None) -> str:
    """Both ends; one that is not known is open."""
    left = "(−∞" if low is None else f"[{number(low)}"
    right = "∞)" if high is None else f"{number(high)}]"
    return f"{left}, {right}"


def percent(share: float) -> str:
    """A share of one in percent."""
    return f"{100 * share:g} %"
