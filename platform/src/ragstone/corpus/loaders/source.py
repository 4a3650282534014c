"""What a loader is given and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ragstone.corpus.language import detect_language
from ragstone.errors import CorpusError
from ragstone.types import Document, Language, Record, Scalar


class Rejected(Record):
    """A file, or one line of it (counted from 1), that was not read, and why."""

    path: str
    reason: str
    line: int | None = None


@dataclass(frozen=True)
class SourceFile:
    """The bytes of one file. ``default_language`` is for texts that show none (numbers alone)."""

    id: str
    path: Path
    data: bytes
    default_language: Language = "en"

    @property
    def format(self) -> str:
        """The suffix in lower case, without its dot; ``htm`` counts as ``html``."""
        suffix = self.path.suffix.lower().removeprefix(".")
        return "html" if suffix == "htm" else suffix

    def document(
        self,
        text: str,
        title: str = "",
        metadata: Mapping[str, Scalar] | None = None,
        row: str | None = None,
        groups: frozenset[str] = frozenset(),
    ) -> Document:
        """Make a document of this file; without a title it gets the file's stem.

        Raises:
            CorpusError: the text is blank, or holds half of a surrogate pair.
        """
        if not text.strip():
            raise CorpusError("It holds no text. Add text or take it out of the corpus.")
        if not encodable(text + title):
            raise CorpusError(
                "It holds half of a surrogate pair, which is no character. Write the text again as UTF-8."
            )
        return Document(
            id=self.id if row is None else f"{self.id}#{row}",
            text=text,
            language=detect_language(text, self.default_language),
            title=title or self.path.stem,
            groups=groups,
            metadata={"path": self.id, "format": self.format, **(metadata or {})},
        )


@dataclass
class Loaded:
    """The documents of one file, and its lines that were rejected while the others were read."""

    documents: list[Document] = field(default_factory=list[Document])
    rejected: list[Rejected] = field(default_factory=list[Rejected])


def encodable(text: str) -> bool:
    """Whether the text holds only whole characters."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
