"""What stands behind ``explain``; imported when it runs."""

import asyncio
from pathlib import Path
from typing import Any

from rich.text import Text

from ragstone.answering.engine import Engine, open_engine
from ragstone.cli.asking import read_question
from ragstone.cli.output import console, table
from ragstone.evaluation.explain.attribution import explain
from ragstone.evaluation.explain.likelihood import Likelihood, LocalLikelihood, ServedLikelihood
from ragstone.evaluation.explain.records import Explanation, SentenceExplanation
from ragstone.evaluation.reports.explained import PROOFS, explanation_note, share_views
from ragstone.evaluation.reports.html import render_explanation
from ragstone.evaluation.reports.numbers import number
from ragstone.evaluation.runs.journal import write_atomically
from ragstone.models.likelihood import LikelihoodModel
from ragstone.sdk import AskInput
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings

_STYLES = {"supported": "green", "unsupported": "red", "unchecked": "yellow"}


def explain_answer(
    plugin: str, asked: dict[str, Any], groups: frozenset[str], with_likelihood: bool, html: Path | None
) -> None:
    """Ask a plugin, and show what carried each sentence of its answer."""
    value = read_question(asked)
    with console.status("Asking"):
        explanation = asyncio.run(_explained(plugin, value, groups, with_likelihood))
    show_explanation(explanation)
    if html is not None:
        write_atomically(html, render_explanation(explanation))
        console.print(f"[green]written[/green]  {html}", soft_wrap=True)


async def _explained(plugin: str, value: AskInput, groups: frozenset[str], with_likelihood: bool) -> Explanation:
    settings = load_settings()
    loaded = load_plugin(plugin, settings)
    async with open_engine(settings) as engine:
        question = value.to_question().model_copy(update={"groups": groups})
        answer = await engine.context(loaded, groups).answer(question, value.corpus)
        likelihood = await _open_likelihood(engine) if with_likelihood and not answer.abstention else None
        return await explain(question, answer, likelihood)


async def _open_likelihood(engine: Engine) -> Likelihood:
    """The served model where its server gives log-probabilities of a prompt, else a small one in this process."""
    chat = await engine.chat()
    if await chat.dialect() == "vllm":
        return ServedLikelihood(chat, chat.endpoint.model)
    name = engine.settings.models.likelihood
    return LocalLikelihood(await asyncio.to_thread(LikelihoodModel.load, name, engine.store), name)


def show_explanation(explanation: Explanation) -> None:
    """Each sentence with its proof, its quotes, and what each passage gave it."""
    if explanation.answer.abstention:
        console.print(explanation.answer.text, style="yellow", markup=False)
    for sentence in explanation.sentences:
        _show_sentence(explanation, sentence)
    console.print(f"\n{explanation_note(explanation)}", style="dim", markup=False)


def _show_sentence(explanation: Explanation, sentence: SentenceExplanation) -> None:
    support = sentence.support
    line = Text(f"\n{sentence.span.of(explanation.answer.text)}  ", style="bold")
    line.append(PROOFS[support.verdict] + (f": {support.reason}" if support.reason else ""), _STYLES[support.verdict])
    console.print(line)
    for citation in sentence.citations:
        console.print(Text(f"  [{citation.number}] “{' '.join(citation.quote.split())}”", style="italic"))
    shares = share_views(explanation, sentence)
    if shares:
        shown = table("", "  Passage taken out", "Drop, nats", "Words that it carried")
        for share in shares:
            shown.add_row(Text(f"  {share.name}"), number(share.drop), Text(" · ".join(share.words)))
        console.print(shown)
