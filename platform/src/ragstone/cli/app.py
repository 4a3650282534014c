"""The ``ragstone`` command."""

import sys
from typing import NoReturn

import typer
from rich.markup import escape

from ragstone import __version__
from ragstone.cli import ask, config, console, corpora, demo, doctor, index, models, plugins
from ragstone.cli.output import errors
from ragstone.errors import MissingDependencyError, RagstoneError

app = typer.Typer(
    help="Ragstone: answers from your documents, with every sentence proved.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models.app, name="models", help="Pull and check the models.")
app.add_typer(corpora.app, name="corpora", help="List and check the corpora.")
app.add_typer(index.app, name="index", help="Build, change, search and check indexes.")
app.add_typer(plugins.app, name="plugins", help="What is installed.")
app.add_typer(config.app, name="config", help="The settings in force.")
app.command("ask")(ask.ask)
app.command("run")(ask.run)
app.command("demo")(demo.demo)
app.command("console")(console.console)
app.command("doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    """Answers from your documents, with every sentence proved."""
    if version:
        typer.echo(f"ragstone {__version__}")
        raise typer.Exit


def main() -> None:
    """Run a command; every expected error becomes one message and an exit code."""
    try:
        app()
    except RagstoneError as error:
        _stop(error)
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0].startswith("ragstone"):
            raise
        _stop(MissingDependencyError(error.name, "all"))


def _stop(error: RagstoneError) -> NoReturn:
    errors.print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
