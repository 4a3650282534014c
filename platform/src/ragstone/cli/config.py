"""The settings in force."""

import typer

from ragstone.cli.late import load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def config() -> None:
    """The settings in force."""


@app.command()
def show() -> None:
    """Every setting as JSON, after the environment and ragstone.toml. Secrets and the values of plugins are hidden."""
    settings = load_settings()
    hidden = {plugin: dict.fromkeys(section, "**********") for plugin, section in settings.plugin.items()}
    typer.echo(settings.model_copy(update={"plugin": hidden}).model_dump_json(indent=2))
