"""What stands behind ``plugins check`` and ``plugins seal``."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from ragstone.cli.output import console, table
from ragstone.errors import UsageError
from ragstone.imports import require
from ragstone.settings import load_settings

if TYPE_CHECKING:
    from ragstone.testing.conformance.running import Result

_STYLES = {"ok": "green", "refused": "bold red", "skipped": "yellow", "not run": "dim"}


def check_and_show(path: Path) -> None:
    """Run the conformance kit on a plugin; exit code 1 when a test refuses it."""
    if not path.exists():
        raise UsageError(f"There is nothing at '{path}'. Name a plugin's folder, or its one file.")
    require("pytest", "testing")
    from ragstone.testing.conformance.running import run_kit

    load_settings()  # wrong settings are the operator's to mend, not the plugin's
    results = run_kit(path)
    shown = table("", "Check", "Result", "Why")
    for result in results:
        reason = "" if result.outcome == "refused" else result.told
        shown.add_row(Text(result.check), Text(result.outcome, style=_STYLES[result.outcome]), Text(reason))
    console.print(shown)
    refused = [result for result in results if result.outcome == "refused"]
    for result in refused:
        console.print(Text(f"\n{result.check}", style=_STYLES["refused"]))
        console.print(Text(result.told), soft_wrap=True)
    console.print(Text(f"\n{_summary(results)}", style="bold"))
    if refused:
        raise typer.Exit(1)


def seal_and_show(path: Path) -> None:
    """Write the schemas of a plugin's tasks; show what changed since they were last written."""
    require("pytest", "testing")
    from ragstone.testing.conformance.sealing import seal

    written, changes = seal(path)
    for change in changes:
        console.print(Text(str(change)))
    console.print(Text.assemble(("sealed", "green"), f"  {written}"), soft_wrap=True)
    console.print(Text(f"Next: ragstone plugins check {shlex.quote(str(path))}"), soft_wrap=True)


def _summary(results: "list[Result]") -> str:
    counts = {name: sum(result.outcome == name for result in results) for name in _STYLES}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)
