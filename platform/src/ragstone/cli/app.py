"""The ``ragstone`` command."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer
from rich.markup import escape
from typer.exceptions import TyperException

from ragstone import __version__
from ragstone.cli import ask, config, console, corpora, demo, doctor, evaluation, explain, index, models, plugins, users
from ragstone.cli.output import errors
from ragstone.errors import MissingDependencyError, RagstoneError, UsageError

app = typer.Typer(
    help="Ragstone: answers from your documents, with every sentence proved.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models.app, name="models", help="Pull and check the models.")
app.add_typer(corpora.app, name="corpora", help="List and check the corpora.")
app.add_typer(index.app, name="index", help="Build, change, search and check indexes.")
app.add_typer(plugins.app, name="plugins", help="List, make and check plugins.")
app.add_typer(evaluation.app, name="eval", help="Measure a system, compare runs, and gate a release.")
app.add_typer(users.app, name="users", help="See, correct, export and delete what is kept of users.")
app.add_typer(config.app, name="config", help="The settings in force.")
app.command("ask")(ask.ask)
app.command("run")(ask.run)
app.command("explain")(explain.explain)
app.command("demo")(demo.demo)
app.command("console")(console.console)
app.command("doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    """Answers from your documents, with every sentence proved."""
    if version:
        typer.echo(f"ragstone {__version__}")
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command (None: of the process); every expected failure becomes one message and an exit code."""
    try:
        sys.exit(app(arguments, prog_name="ragstone", standalone_mode=False))
    except RagstoneError as error:
        _stop(error)
    except TyperException as error:
        _stop(_misused(error))
    except OSError as error:
        place = f"'{error.filename}'" if error.filename else "A file or connection"
        problem = f"{place} cannot be used: {error.strerror or type(error).__name__}."
        _stop(RagstoneError(f"{problem} Check the path, its rights and the free space."))
    except UnicodeEncodeError as error:
        problem = f"The output's encoding, {error.encoding}, lacks a character."
        _stop(UsageError(f"{problem} Set PYTHONUTF8=1 and run it again."))
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0].startswith("ragstone"):
            raise
        _stop(MissingDependencyError(error.name, "all"))


def _misused(error: TyperException) -> UsageError:
    """A wrong command line, told like every other error."""
    message = error.format_message().strip().replace("Value error, ", "")
    if not message:  # a group without a command: its help has been printed
        sys.exit(error.exit_code)
    context: typer.Context | None = getattr(error, "ctx", None)
    command = context.command_path if context else "ragstone"
    return UsageError(f"{message.rstrip('.')}. Run: {command} --help")


def _stop(error: RagstoneError) -> NoReturn:
    errors.print(f"[bold red]error:[/] {escape(str(error))}", soft_wrap=True)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
