"""What this machine answers with: models, endpoint, corpora, indexes. Loads no engine."""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from ragstone.corpus.card import Card, read_card
from ragstone.errors import RagstoneError
from ragstone.index.generations import Generations
from ragstone.sdk import Plugin
from ragstone.sdk.locations import corpus_folders
from ragstone.settings import Settings
from ragstone.types import Record
from ragstone_console.texts import UiLanguage


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
    """Every corpus of the host: the operator's own and those that plugins ship."""
    return [_corpus(name, folder) for name, folder in corpus_folders(settings).items()]


def _corpus(name: str, folder: Path) -> CorpusState:
    try:
        return CorpusState(name=name, card=read_card(folder))
    except RagstoneError as error:
        return CorpusState(name=name, problem=str(error))


def corpus_titles(plugin: Plugin, settings: Settings, language: UiLanguage) -> dict[str, str]:
    """The corpora that a plugin may use, its first first, with their titles; its name where a card cannot be read."""
    known = {state.name: state.card for state in corpora(settings)}
    cards = {name: known.get(name) for name in plugin.corpora or known}
    return {name: _title(card, language) if card else name for name, card in cards.items()}


def _title(card: Card, language: UiLanguage) -> str:
    return card.title_zh if language == "zh" else card.title


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
