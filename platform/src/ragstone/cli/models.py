"""Pull and check the models."""

from typing import TYPE_CHECKING, Annotated

import typer

from ragstone.cli.late import load_settings
from ragstone.cli.output import console, errors, progress, table
from ragstone.errors import ModelError

if TYPE_CHECKING:
    from ragstone.models.store import ModelStore

app = typer.Typer(no_args_is_help=True)
Names = Annotated[list[str] | None, typer.Argument(help="Models; none means those that the settings name.")]


def open_store() -> "ModelStore":
    """The store of the settings."""
    from ragstone.models.catalog import load_catalog
    from ragstone.models.store import ModelStore

    return ModelStore(load_settings().paths.models, load_catalog())


def default_models() -> list[str]:
    """The models that the settings need on this machine."""
    models = load_settings().models
    return [models.chat, models.embedder] if models.profile == "embedded" else [models.embedder]


def megabytes(size: int | None) -> str:
    """A size in MB, or a dash when the catalog does not know it."""
    return "-" if size is None else f"{size / 1e6:,.0f}"


@app.command("list")
def list_() -> None:
    """Every model of the catalog."""
    from ragstone.models.catalog import load_catalog

    shown = table("", "Model", "Role", "Languages", "Licence", "MB", "Sources")
    for entry in load_catalog().entries():
        sources = ", ".join(source.kind for source in entry.sources)
        shown.add_row(entry.name, entry.role, " ".join(entry.languages), entry.licence, megabytes(entry.size), sources)
    console.print(shown)


@app.command()
def pull(names: Names = None) -> None:
    """Fetch models; each is verified before it is used. Interrupt it and run it again to go on."""
    store = open_store()
    wanted = names or default_models()
    for name in wanted:  # a wrong name shows before an hour of fetching
        store.catalog.get(name)
    for name in wanted:
        with progress(name) as report:
            path = store.pull(name, report)
        console.print(f"[green]ready[/green]  {name}  [dim]{path}[/dim]")


@app.command()
def verify(names: Names = None) -> None:
    """Read every byte again and compare its SHA-256 with the catalog's."""
    store = open_store()
    wrong = [name for name in names or default_models() if not _verified(store, name)]
    if wrong:
        raise ModelError(f"Damaged: {', '.join(wrong)}. Run: ragstone models pull {' '.join(wrong)}")


def _verified(store: "ModelStore", name: str) -> bool:
    result = store.verify(name)
    (console if result else errors).print(f"{'[green]ok[/green]' if result else '[red]damaged[/red]'}  {name}")
    return bool(result)


@app.command()
def status() -> None:
    """What is in the store, and where."""
    store = open_store()
    needed = default_models()
    shown = table(str(store.root), "Model", "Role", "State", "MB", "Needed here")
    for item in store.status():
        shown.add_row(item.name, item.role, item.state, megabytes(item.size), "yes" if item.name in needed else "")
    console.print(shown)
