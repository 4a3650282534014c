"""Plain text and Markdown: kept as written."""

from ragstone.corpus.loaders.decoding import decode
from ragstone.corpus.loaders.source import Loaded, SourceFile
from ragstone.corpus.structure import first_heading


def load_text(file: SourceFile) -> Loaded:
    """Read a plain text file."""
    return Loaded([file.document(decode(file.data))])


def load_markdown(file: SourceFile) -> Loaded:
    """Read a Markdown file; its first heading is the title."""
    text = decode(file.data)
    return Loaded([file.document(text, first_heading(text))])
