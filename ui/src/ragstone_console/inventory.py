"""What this machine answers with: models, endpoint, corpora, indexes. Loads no engine."""

from datetime import datetime
from urllib.parse import urlsplit

from ragstone.corpus.card import Card, read_card
from ragstone.errors import RagstoneError
from ragstone.index.generations import Generations
from ragstone.settings import Settings
from ragstone.types import Record


class CorpusState(Record):
    """A corpus ("domain/name"): its card, or what is wrong with it."""

    name: str
    card: Card | None = None
    problem: str = ""


class IndexState(Record):
    """The index of a corpus as its manifest tells; without a generation it is not built, or has a ``problem``."""

    name: str
    generation: int | None = None
    documents: int = 0
    passages: int = 0
    embedder: str = ""
    created: datetime | None = None
    problem: str = ""


def corpora(settings: Settings) -> list[CorpusState]:
    """Every folder below the corpora folder that has a card."""
    root = settings.paths.corpora
    return [_corpus(settings, path.parent.relative_to(root).as_posix()) for path in sorted(root.glob("*/*/card.toml"))]


def _corpus(settings: Settings, name: str) -> CorpusState:
    try:
        return CorpusState(name=name, card=read_card(settings.paths.corpora / name))
    except RagstoneError as error:
        return CorpusState(name=name, problem=str(error))


def indexes(settings: Settings) -> list[IndexState]:
    """The index of every corpus, and every index whose corpus is not here."""
    root = settings.paths.indexes
    built = {path.parent.relative_to(root).as_posix() for path in root.glob("*/*/CURRENT")}
    return [_index(settings, name) for name in sorted(built | {corpus.name for corpus in corpora(settings)})]


def _index(settings: Settings, name: str) -> IndexState:
    generations = Generations(settings.paths.indexes / name)
    try:
        number = generations.current()
        if number is None:
            return IndexState(name=name)
        manifest = generations.manifest(number)
    except RagstoneError as error:
        return IndexState(name=name, problem=str(error))
    return IndexState(
        name=name,
        generation=manifest.generation,
        documents=manifest.documents,
        passages=manifest.passages,
        embedder=manifest.embedder,
        created=manifest.created,
    )


def without_credentials(url: str) -> str:
    """An address without a user and password that may stand in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
