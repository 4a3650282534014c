"""The settings in force."""

import typer

from ragstone.cli.late import load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def config() -> None:
    """The settings in force."""


@app.command()
def show() -> None:
    """Every setting as JSON, after the environment and ragstone.toml; secrets are hidden."""
    typer.echo(load_settings().model_dump_json(indent=2))
