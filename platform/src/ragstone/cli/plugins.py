"""Which plugins this host has."""

from pathlib import Path
from typing import Annotated

import typer

from ragstone.cli.late import list_plugins
from ragstone.cli.output import console, table

app = typer.Typer(no_args_is_help=True)


@app.callback()
def plugins() -> None:
    """List, make and check plugins."""


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON lines.")] = False) -> None:
    """Every plugin of this host with the hooks that it uses; none of them is imported."""
    found = list_plugins()
    if as_json:
        for info in found:
            typer.echo(info.model_dump_json())
        return
    if not found:
        console.print("No plugin is installed. Try: pip install ragstone-customer-service")
        return
    shown = table("", "Plugin", "From", "Version", "SDK", "Hooks", "State")
    for info in found:
        state = "not allowed" if not info.allowed else "does not load" if info.problem else "ready"
        sdk = info.manifest.sdk_version if info.manifest else "?"
        origin = info.distribution or str(info.source or "")
        shown.add_row(info.name, origin, info.version, sdk, " ".join(info.hooks) or "-", state)
    console.print(shown)
    for info in found:
        if info.allowed and info.problem:
            console.print(f"{info.name}: {info.problem}", style="yellow", markup=False)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What it is called: small letters, digits and hyphens.")],
    single_file: Annotated[bool, typer.Option("--single-file", help="One .py file instead of a package.")] = False,
    into: Annotated[Path, typer.Option(help="The folder that the plugin's own folder is made in.")] = Path(),
) -> None:
    """Make a plugin that passes every check: a sample corpus, gold questions, tests, and CI with the gate."""
    from ragstone.cli.making import make_and_show

    make_and_show(name, single_file, into)


@app.command()
def check(path: Annotated[Path, typer.Argument(help="The plugin's folder, or its one file.")] = Path()) -> None:
    """Run the conformance kit on a plugin, installed or not."""
    from ragstone.cli.checking import check_and_show

    check_and_show(path)


@app.command()
def seal(path: Annotated[Path, typer.Argument(help="The plugin's folder, or its one file.")] = Path()) -> None:
    """Write down what its tasks take and give (schemas.json), so that a later change is noticed."""
    from ragstone.cli.checking import seal_and_show

    seal_and_show(path)
