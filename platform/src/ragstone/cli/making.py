"""What stands behind ``plugins new``."""

import shlex
from pathlib import Path

from rich.markup import escape
from rich.tree import Tree

from ragstone.cli.output import console
from ragstone.scaffold.writing import make_plugin
from ragstone.settings import load_settings

_SHOWN = 6


def make_and_show(name: str, single_file: bool, into: Path) -> None:
    """Write a new plugin; show what was made and what to do next."""
    folder = make_plugin(name, into, load_settings(), single_file)
    console.print(_tree(folder, Tree(f"[green]made[/green]  {escape(str(folder))}")))
    console.print("\nNext:", style="bold")
    for command in (
        f"cd {shlex.quote(str(folder))} && ragstone plugins check .",
        f"ragstone index build {name}/sample",
        f'ragstone ask {name} "How many tools may I borrow at a time?"',
    ):
        console.print(f"  {command}", markup=False, soft_wrap=True)


def _tree(folder: Path, shown: Tree) -> Tree:
    inside = sorted(folder.iterdir(), key=lambda path: (path.is_file(), path.name))
    if len(inside) > _SHOWN and all(path.is_file() and path.suffix == ".md" for path in inside):
        shown.add(f"[dim]{len(inside)} files[/dim]")
        return shown
    for path in inside:
        branch = shown.add(escape(path.name) + ("/" if path.is_dir() else ""))
        if path.is_dir():
            _tree(path, branch)
    return shown
