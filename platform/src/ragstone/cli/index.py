"""Build, change, search and check indexes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ragstone.cli.corpora import CorpusNames, corpus_names, for_each
from ragstone.cli.late import load_settings
from ragstone.cli.models import open_store
from ragstone.cli.output import console, errors, progress, show_evidence, table
from ragstone.errors import CorpusError, IndexStoreError, UsageError

if TYPE_CHECKING:
    from ragstone.index.building import Built
    from ragstone.models.embedder import Embedder

app = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="An index: its corpus's name (domain/name).")]


def open_embedder() -> "Embedder":
    """The embedder that the settings name."""
    from ragstone.models.embedder import load_embedder

    return load_embedder(load_settings().models.embedder, open_store())


def folder(name: str) -> Path:
    """Where an index lies.

    Raises:
        UsageError: the name is not of the form domain/name.
    """
    parts = name.split("/")
    if len(parts) != 2 or not all(parts) or set(parts) & {".", ".."}:
        raise UsageError(f"'{name}' is no name of an index: give domain/name. See: ragstone index info")
    return load_settings().paths.indexes / name


def built(name: str) -> bool:
    """Whether an index has been built."""
    return (folder(name) / "CURRENT").exists()


def index_names(names: list[str] | None = None) -> list[str]:
    """The named indexes, or every index that has been built.

    Raises:
        IndexStoreError: none has been built.
    """
    root = load_settings().paths.indexes
    found = names or sorted(path.parent.relative_to(root).as_posix() for path in root.glob("*/*/CURRENT"))
    if not found:
        raise IndexStoreError("No index has been built. Run: ragstone index build")
    return found


@app.command()
def build(
    names: CorpusNames = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only those that have no index yet.")] = False,
) -> None:
    """Index corpora from their folders, beside what is there; the swap is atomic."""
    from ragstone.index.building import build_index

    wanted = [name for name in corpus_names(names) if not (missing and built(name))]
    if not wanted:
        console.print("[green]ready[/green]  every corpus is indexed")
        return
    embedder = open_embedder()
    rejected: list[int] = []

    def index(name: str) -> None:
        with progress(name) as report:
            result = build_index(name, load_settings(), embedder, report)
        rejected.append(_show(name, result))

    failures = for_each(wanted, index)
    if lost := sum(rejected):
        failures.append(f"{lost} files or rows could not be read; all others are indexed. Mend them and run it again.")
    if failures:
        raise CorpusError("\n".join(failures))


@app.command()
def add(name: Name, files: Annotated[list[Path], typer.Argument(help="Files to add or replace.")]) -> None:
    """Add files to an index; a document that is there already is replaced."""
    from ragstone.index.building import add_files

    folder(name)  # refuses a name that is none
    with progress(name) as report:
        result = add_files(name, files, load_settings(), open_embedder(), report)
    if lost := _show(name, result):
        raise CorpusError(
            f"{lost} files or rows could not be read; all others were added. Mend them and add them again."
        )


def _show(name: str, result: "Built") -> int:
    console.print(
        f"[green]indexed[/green]  {name}: {result.documents} documents, {result.passages} passages, "
        f"{result.duplicates} duplicates left out"
    )
    for item in result.rejected:
        errors.print(f"  [red]rejected[/red]  {escape(f'{item.path}: {item.reason}')}", soft_wrap=True)
    return len(result.rejected)


@app.command()
def delete(name: Name, documents: Annotated[list[str], typer.Argument(help="Ids of documents.")]) -> None:
    """Delete documents: their vectors, their words and their text."""
    from ragstone.index.hybrid import Index

    index = Index.open(folder(name), open_embedder())
    unknown = [document for document in dict.fromkeys(documents) if document not in set(index.document_ids())]
    console.print(f"[green]deleted[/green]  {index.delete(documents)} documents")
    if unknown:
        listed = ", ".join(f"'{document}'" for document in unknown)
        raise UsageError(f"Not in the index: {listed}. See: ragstone index info {name} --documents")


@app.command()
def search(
    name: Name,
    query: Annotated[str, typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option("-k", min=1, help="How many passages.")] = 5,
    mode: Annotated[str, typer.Option(help="fused, dense or lexical.")] = "fused",
    group: Annotated[list[str] | None, typer.Option(help="A group that you belong to; repeat for more.")] = None,
) -> None:
    """The passages that a question finds, with their scores."""
    from ragstone.index.filters import Filter
    from ragstone.index.hybrid import Index

    if mode not in ("fused", "dense", "lexical"):
        raise UsageError(f"Unknown mode '{mode}'. Choose fused, dense or lexical.")
    if not query.strip():
        raise UsageError("The query is empty. Type some words to look for.")
    index = Index.open(folder(name), open_embedder())
    found = index.search(query, k=limit, where=Filter(groups=frozenset(group or ())), mode=mode)
    show_evidence(found.evidence)
    if not found.evidence:
        console.print("Nothing was found that you may read.")
    embedding = "" if found.embed_seconds is None else f"embedding {found.embed_seconds * 1000:.0f} ms, "
    console.print(f"[dim]{embedding}retrieval {found.retrieve_seconds * 1000:.1f} ms[/dim]")


@app.command()
def info(
    name: Annotated[str | None, typer.Argument(help="An index (domain/name); none means all.")] = None,
    documents: Annotated[bool, typer.Option(help="Also list the ids of the documents.")] = False,
) -> None:
    """What an index holds."""
    from ragstone.index.hybrid import Index

    names = index_names([name] if name else None)
    embedder = open_embedder()
    shown = table(f"Embedder: {embedder.name}", "Index", "Generation", "Documents", "Passages", "Languages")

    def show(each: str) -> None:
        index = Index.open(folder(each), embedder)
        about = index.info()
        counts = (str(about.generation), str(about.documents), str(about.passages))
        shown.add_row(each, *counts, " ".join(sorted(about.languages)))
        if documents:
            for document in index.document_ids():
                console.print(document, markup=False)

    failures = for_each(names, show)
    console.print(shown)
    if failures:
        raise IndexStoreError("\n".join(failures))


@app.command()
def doctor(names: Annotated[list[str] | None, typer.Argument(help="Indexes; none means all.")] = None) -> None:
    """Check indexes from the pointer down to every slice, and say what mends a fault."""
    from ragstone.index.doctor import doctor as examine

    broken = 0
    for name in index_names(names):
        findings = examine(folder(name))
        console.print(f"{'[red]sick[/red]' if findings else '[green]well[/green]'}  {name}")
        for finding in findings:
            console.print(f"  {finding.severity}: {finding.problem} {finding.remedy}", markup=False)
        broken += any(finding.severity == "error" for finding in findings)
    if broken:
        raise IndexStoreError(f"{broken} indexes are damaged. The remedies stand above.")
