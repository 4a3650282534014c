"""Show which passages and which words carried an answer."""

from pathlib import Path
from typing import Annotated

import typer

from ragstone.cli.ask import Groups, PluginName


def explain(
    plugin: PluginName,
    question: Annotated[str, typer.Argument(help="The question; '-' reads standard input.")],
    corpus: Annotated[str | None, typer.Option(help="One of the plugin's corpora (default: its first).")] = None,
    group: Groups = None,
    likelihood: Annotated[
        bool, typer.Option(help="Take each passage out and see what the model then makes of the answer.")
    ] = True,
    html: Annotated[Path | None, typer.Option(help="Also write the explanation to this HTML file.")] = None,
) -> None:
    """Answer a question and show what carried each sentence: quotes, passages, words."""
    from ragstone.cli.explaining import explain_answer

    explain_answer(plugin, {"question": question, "corpus": corpus}, frozenset(group or ()), likelihood, html)
