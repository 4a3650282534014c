"""List and check the corpora."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragstone.cli.late import load_settings
from ragstone.cli.output import console, table
from ragstone.errors import CorpusError, IndexStoreError, LanguageMismatchError, UsageError

if TYPE_CHECKING:
    from ragstone.corpus.loaders import Loader

app = typer.Typer(no_args_is_help=True)
CorpusNames = Annotated[list[str] | None, typer.Argument(help="Corpora (domain/name); none means all.")]


def corpus_names(names: list[str] | None = None) -> list[str]:
    """The named corpora, or every corpus of the host.

    Raises:
        UsageError: there is none at all, or no corpus has one of the names.
    """
    found = list(_folders())
    if not found:
        root = load_settings().paths.corpora
        raise UsageError(
            f"There is no corpus in '{root}', and no plugin ships one. Run this in the project's folder, or set "
            "RAGSTONE_PATHS__CORPORA."
        )
    unknown = [name for name in names or [] if name not in found]
    if unknown:
        raise UsageError(f"No corpus is called '{unknown[0]}'. There are: {', '.join(found)}")
    return names or found


def _folders() -> dict[str, Path]:
    from ragstone.sdk.locations import corpus_folders

    return corpus_folders(load_settings())


def _loaders() -> "dict[str, Loader]":
    from ragstone.sdk.loaders import plugin_loaders

    return plugin_loaders(load_settings())


def for_each(names: Sequence[str], work: Callable[[str], None]) -> list[str]:
    """Do ``work`` for each corpus; one that fails does not stop the others. Returns what failed, and why."""
    failures: list[str] = []
    for name in names:
        try:
            work(name)
        except (CorpusError, IndexStoreError, LanguageMismatchError) as error:
            failures.append(f"{name}: {error}")
    return failures


@app.command("list")
def list_() -> None:
    """Every corpus, from its card."""
    from ragstone.corpus.card import read_card

    folders = _folders()
    shown = table("", "Corpus", "Title", "Languages", "Documents", "Licence")

    def add(name: str) -> None:
        card = read_card(folders[name])
        counted = str(card.counts.documents) if card.counts else "?"
        shown.add_row(name, card.title, " ".join(card.languages), counted, card.licence)

    failures = for_each(corpus_names(), add)
    console.print(shown)
    if failures:
        raise CorpusError("\n".join(failures))


@app.command()
def check(names: CorpusNames = None) -> None:
    """Compare every file with the hashes and counts of its card."""
    from ragstone.corpus.sealing import check as check_card

    folders, loaders = _folders(), _loaders()
    problems: list[str] = []

    def compare(name: str) -> None:
        found = check_card(folders[name], loaders=loaders)
        problems.extend(f"{name}: {problem}" for problem in found)
        console.print(f"{'[red]differs[/red]' if found else '[green]ok[/green]'}  {name}")

    problems += for_each(corpus_names(names), compare)
    if problems:
        listed = "\n  ".join(problems)
        raise CorpusError(f"These differ from their cards:\n  {listed}\nIf the change is meant: ragstone corpora seal")


@app.command()
def seal(name: Annotated[str, typer.Argument(help="A corpus (domain/name).")]) -> None:
    """Write the counts and hashes of a corpus into its card."""
    from ragstone.corpus.sealing import seal as seal_card

    folder = _folders()[corpus_names([name])[0]]
    card = seal_card(folder, loaders=_loaders())
    console.print(f"[green]sealed[/green]  {name}: {card.counts}")
