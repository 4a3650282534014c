"""Which plugins are installed."""

from typing import Annotated

import typer

from ragstone.cli.late import list_plugins, load_settings
from ragstone.cli.output import console, table

app = typer.Typer(no_args_is_help=True)


@app.callback()
def plugins() -> None:
    """What is installed."""


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON lines.")] = False) -> None:
    """Installed plugins; none of them is imported."""
    found = list_plugins(load_settings().plugins)
    if as_json:
        for info in found:
            typer.echo(info.model_dump_json())
        return
    if not found:
        console.print("No plugin is installed. Try: pip install ragstone-customer-service")
        return
    shown = table("", "Plugin", "Distribution", "Version", "Allowed")
    for info in found:
        shown.add_row(info.name, info.distribution, info.version, "yes" if info.allowed else "no")
    console.print(shown)
