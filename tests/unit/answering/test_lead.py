"""The leading word, however the text is chopped."""

import pytest

from ragstone.answering.lead import LeadStream


@pytest.mark.parametrize(
    ("words", "text", "shown", "refused"),
    [
        (("FOUND", "MISSING"), "FOUND\nThirty days. [1]", "Thirty days. [1]", False),
        (("FOUND", "MISSING"), "FOUND: Thirty days. [1]", "Thirty days. [1]", False),
        (("FOUND", "MISSING"), "MISSING", "", True),
        (("FOUND", "MISSING"), " MISSING. It is not there.", "", True),
        (("FOUND", "MISSING"), "Found in 1900. [1]", "Found in 1900. [1]", False),
        (("FOUND", "MISSING"), "FOUN", "FOUN", False),
        (("FOUND", "MISSING"), "", "", False),
        (("FOUND", "MISSING"), "FOUND", "", False),
        (("有", "无"), "有。三十天。[1]", "三十天。[1]", False),
        (("有", "无"), "有三十天。[1]", "三十天。[1]", False),
        (("有", "无"), "无", "", True),
        (("有", "无"), "三十天。[1]", "三十天。[1]", False),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 50])
def test_the_lead_is_taken_off(words, text: str, shown: str, refused: bool, size: int) -> None:
    stream = LeadStream(*words)
    got = "".join(stream.feed(text[start : start + size]) for start in range(0, len(text), size)) + stream.finish()
    assert (got, stream.refused) == (shown, refused)
