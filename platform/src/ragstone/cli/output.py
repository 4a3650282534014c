"""How results look on a terminal."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from ragstone.types import Answer, Evidence
    from ragstone.types import Progress as Report

console = Console(soft_wrap=False, highlight=False)
errors = Console(stderr=True, highlight=False)

_MARKS = {"supported": ("✓", "green"), "unsupported": ("✗ not proved", "red"), "unchecked": ("? no source", "yellow")}


def table(title: str, *columns: str) -> Table:
    """A plain table with these columns."""
    made = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for position, column in enumerate(columns):
        made.add_column(column, overflow="fold", no_wrap=position == 0)
    return made


@contextmanager
def progress(label: str) -> "Generator[Report]":
    """A bar on standard error that the yielded function moves."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors) as bar:
        task = bar.add_task(label, total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report


def answer_text(answer: "Answer") -> Text:
    """The answer with a mark after each sentence."""
    if answer.abstention:
        return Text(answer.text, style="yellow")
    made, position = Text(), 0
    for sentence in answer.sentences:
        made.append(answer.text[position : sentence.span.end])
        mark, style = _MARKS[sentence.support.verdict]
        made.append(f" {mark}", style=style)
        position = sentence.span.end
    made.append(answer.text[position:])
    return made


def show_answer(answer: "Answer", with_text: bool = True) -> None:
    """The answer, its citations with their quotes, what was dropped, and the timings."""
    if with_text:
        console.print(answer_text(answer))
    for number, quotes in _quotes(answer).items():
        title, document, texts = quotes
        console.print(f"  [bold][{number}][/bold] {escape(title)} [dim]({escape(document)})[/dim]".replace("[[", r"[["))
        for text in texts:
            console.print(Text(f"      “{' '.join(text.split())}”", style="italic"))
    for sentence in answer.sentences:
        if sentence.support.reason:
            part = sentence.span.of(answer.text)[:60]
            console.print(Text(f"  ! {part}…: {sentence.support.reason}", style="yellow"))
    for dropped in answer.dropped:
        console.print(Text(f"  - left out: {dropped}", style="yellow"))
    console.print(Text(f"  {_timings(answer)}", style="dim"))


def show_evidence(evidence: "tuple[Evidence, ...]") -> None:
    """Every passage that was found, with the scores that found it."""
    for number, item in enumerate(evidence, start=1):
        passage = item.passage
        scores = ", ".join(
            f"{name} {value:.3f}"
            for name, value in (("cosine", item.dense), ("BM25", item.lexical), ("fused", item.fused))
            if value is not None
        )
        name = " > ".join(part for part in (passage.title, passage.heading) if part) or passage.document_id
        place = f"{passage.document_id} [{passage.span.start}, {passage.span.end})"
        body = Group(Text(" ".join(passage.text.split())), Text(f"{place}  {scores}", style="dim"))
        console.print(Panel(body, title=Text(f"{number}. {name}"), title_align="left"))


def _quotes(answer: "Answer") -> dict[int, tuple[str, str, list[str]]]:
    found: dict[int, tuple[str, str, list[str]]] = {}
    for citation in sorted(answer.citations, key=lambda citation: citation.number):
        _, _, texts = found.setdefault(citation.number, (citation.title, citation.document_id, []))
        if citation.quote not in texts:
            texts.append(citation.quote)
    return found


def _timings(answer: "Answer") -> str:
    times = answer.timings
    stages = (
        ("query embedding", times.embed),
        ("retrieval", times.retrieve),
        ("first token", times.first_token),
        ("generation", times.generate),
        ("check", times.verify),
    )
    parts = [f"{name} {seconds * 1000:.0f} ms" for name, seconds in stages if seconds is not None]
    tokens = f"{answer.usage.prompt_tokens} + {answer.usage.completion_tokens} tokens"
    return " · ".join([*parts, f"total {times.total:.1f} s", tokens])
