"""Build, change, search and check indexes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ragstone.cli.corpora import CorpusNames, corpus_names
from ragstone.cli.models import open_store
from ragstone.cli.output import console, errors, progress, show_evidence, table
from ragstone.errors import CorpusError, IndexStoreError, UsageError
from ragstone.settings import load_settings

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
    """Where an index lies."""
    return load_settings().paths.indexes / name


def built(name: str) -> bool:
    """Whether an index has been built."""
    return (folder(name) / "CURRENT").exists()


def index_names(names: list[str] | None = None) -> list[str]:
    """The named indexes, or every index that has been built."""
    root = load_settings().paths.indexes
    return names or sorted(str(path.parent.relative_to(root)) for path in root.glob("*/*/CURRENT"))


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
    rejected = 0
    for name in wanted:
        with progress(name) as report:
            result = build_index(name, load_settings(), embedder, report)
        rejected += _show(name, result)
    if rejected:
        raise CorpusError(
            f"{rejected} files could not be read; everything else is indexed. Mend them and run it again."
        )


@app.command()
def add(name: Name, files: Annotated[list[Path], typer.Argument(help="Files to add or replace.")]) -> None:
    """Add files to an index; a document that is there already is replaced."""
    from ragstone.index.building import add_files

    with progress(name) as report:
        result = add_files(name, files, load_settings(), open_embedder(), report)
    if _show(name, result):
        raise CorpusError(f"{len(result.rejected)} files could not be read; the others were added.")


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

    gone = Index.open(folder(name), open_embedder()).delete(documents)
    if not gone:
        raise UsageError("None of these documents is in the index. See: ragstone index info --documents")
    console.print(f"[green]deleted[/green]  {gone} passages of {len(documents)} documents")


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

    embedder = open_embedder()
    names = index_names([name] if name else None)
    if not names:
        raise IndexStoreError("No index has been built. Run: ragstone index build")
    shown = table("", "Index", "Generation", "Documents", "Passages", "Languages", "Embedder")
    for each in names:
        index = Index.open(folder(each), embedder)
        about = index.info()
        shown.add_row(
            each,
            str(about.generation),
            str(about.documents),
            str(about.passages),
            " ".join(sorted(about.languages)),
            about.embedder,
        )
        if documents:
            for document in index.document_ids():
                console.print(document, markup=False)
    console.print(shown)


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
