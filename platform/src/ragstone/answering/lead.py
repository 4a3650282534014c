"""The word that the model begins with: whether the sources state the answer at all."""

_SEPARATORS = " .,:;\n\t，。：；"


class LeadStream:
    """Takes the leading word off a streamed text, and knows what it said.

    A text that begins with ``declined`` is swallowed whole and sets `refused`. One that begins with neither word (a
    server that cannot be bound, a model that forgot) passes as it is; so does every text where none is ``expected``.
    """

    def __init__(self, found: str, declined: str, expected: bool = True) -> None:
        self._words = (found, declined)
        self._held = ""
        self._state = "deciding" if expected else "passing"

    @property
    def refused(self) -> bool:
        """Whether the model said that the sources do not state the answer."""
        return self._state == "refused"

    def feed(self, piece: str) -> str:
        """The text of the answer in this piece, if any."""
        if self._state == "passing":
            return piece
        if self._state == "refused":
            return ""
        self._held = (self._held + piece).lstrip()
        found, declined = self._words
        if self._state == "deciding":
            self._decide(found, declined)
        if self._state == "trimming":
            self._held = self._held.lstrip(_SEPARATORS)
            self._state = "passing" if self._held else "trimming"
        return self.finish() if self._state == "passing" else ""

    def finish(self) -> str:
        """What is still held when the text ends."""
        held, self._held = self._held, ""
        return "" if self._state == "refused" else held

    def _decide(self, found: str, declined: str) -> None:
        if self._held.startswith(declined):
            self._state = "refused"
        elif self._held.startswith(found):
            self._held = self._held[len(found) :]
            self._state = "trimming"
        elif not any(word.startswith(self._held) for word in self._words):
            self._state = "passing"
