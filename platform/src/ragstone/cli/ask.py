"""Ask a plugin, or run one of its tasks."""

from pathlib import Path
from typing import Annotated

import typer

Groups = Annotated[list[str] | None, typer.Option(help="A group that you belong to; repeat for more.")]
User = Annotated[str | None, typer.Option(help="Who asks: the id under which the host remembers you.")]
PluginName = Annotated[str, typer.Argument(help="A plugin, see: ragstone plugins list", metavar="PLUGIN")]


def ask(
    plugin: PluginName,
    question: Annotated[str, typer.Argument(help="The question; '-' reads standard input.")],
    corpus: Annotated[str | None, typer.Option(help="One of the plugin's corpora (default: its first).")] = None,
    group: Groups = None,
    user: User = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
    stream: Annotated[bool, typer.Option(help="Print the text as it is written.")] = False,
    evidence: Annotated[bool, typer.Option("--show-evidence", help="Also print every passage found.")] = False,
) -> None:
    """Answer a question from a plugin's documents, with the proof."""
    from ragstone.cli.asking import Asker, ask_plugin
    from ragstone.cli.output import show_answer, show_evidence

    asked = {"question": question, "corpus": corpus}
    answer = ask_plugin(plugin, asked, Asker(frozenset(group or ()), user), stream and not as_json)
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
        return
    show_answer(answer, with_text=not stream or answer.abstention is not None)
    if evidence:
        show_evidence(answer.evidence)


def run(
    plugin: PluginName,
    task: Annotated[str, typer.Argument(help="One of the plugin's tasks.")],
    source: Annotated[Path, typer.Option("--input", help="A JSON file with the task's input; '-' reads stdin.")],
    group: Groups = None,
    user: User = None,
) -> None:
    """Run any task of a plugin and print its output as JSON."""
    from ragstone.cli.asking import Asker, run_task

    typer.echo(run_task(plugin, task, source, Asker(frozenset(group or ()), user)).model_dump_json(indent=2))
