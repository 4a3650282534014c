"""Every hook of the SDK has a test and a reference page, and the signatures on the page are those of the code.

``python tests/architecture/test_hooks.py`` writes the signatures anew.
"""

import ast
import importlib
import inspect
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragstone.sdk.context import Context
from ragstone.sdk.hooks import HOOKS, Hook
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.manifest import Manifest
from ragstone.sdk.plugin import Plugin, Task

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "sdk.md"
TESTS = ROOT / "tests" / "unit" / "sdk" / "hooks"
WRITE = "run: python tests/architecture/test_hooks.py"
EACH = pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)

_BLOCK = re.compile(r"(?<=## Signature\n\n)```python\n.*?```", re.DOTALL)
_CODE = re.compile(r"```.*?```", re.DOTALL)


@EACH
def test_a_hook_has_a_page(hook: Hook) -> None:
    text = page(hook).read_text(encoding="utf-8")
    assert text.startswith(f"# {hook.title}\n\n{hook.purpose}"), "the page begins with the hook's title and purpose"
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    wanted = ["When to use it", "Signature", "Example", "Errors", "What the host guarantees", "What the kit checks"]
    assert [section for section in sections if section in wanted] == wanted


@EACH
def test_the_signature_on_the_page_is_that_of_the_code(hook: Hook) -> None:
    block = _BLOCK.search(page(hook).read_text(encoding="utf-8"))
    assert block is not None
    assert block.group() == rendered(hook), WRITE


@EACH
def test_the_links_of_the_page_lead_somewhere(hook: Hook) -> None:
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", page(hook).read_text(encoding="utf-8")):
        assert (page(hook).parent / target).exists(), target


@EACH
def test_a_hook_has_a_test(hook: Hook) -> None:
    path = TESTS / f"test_{hook.name.replace('-', '_')}.py"
    assert re.search(r"^(async )?def test_", path.read_text(encoding="utf-8"), re.MULTILINE)


@EACH
def test_the_guide_links_to_the_page(hook: Hook) -> None:
    assert f"(sdk/{hook.name}.md)" in GUIDE.read_text(encoding="utf-8")


def test_no_page_is_of_no_hook() -> None:
    assert sorted(path.stem for path in (ROOT / "docs" / "sdk").glob("*.md")) == sorted(hook.name for hook in HOOKS)


def test_hooks_have_names_of_their_own() -> None:
    assert len({hook.name for hook in HOOKS}) == len(HOOKS)


def test_what_a_plugin_is_said_to_use_is_a_hook(tmp_path: Path) -> None:
    target = "garden:thing"
    manifest = Manifest(
        sdk_version="1.0",
        minimum_host_version="0.1.0",
        adapter="garden-lora",
        views={"answer": target},
        scorers={"steps": target},
        loaders={".ics": target},
    )
    for name in ("corpora", "evals", "flows"):
        (tmp_path / name).mkdir()
    used = PluginInfo(name="garden", target=target, folder=tmp_path, manifest=manifest).hooks
    assert len(used) == 7
    assert set(used) <= {hook.name for hook in HOOKS}


@pytest.mark.parametrize("documented", [Manifest, Plugin, Task, Context], ids=lambda each: each.__name__)
def test_every_member_is_explained_on_a_page(documented: type) -> None:
    prose = "\n".join(_CODE.sub("", page(hook).read_text(encoding="utf-8")) for hook in HOOKS)
    own = [name for name in vars(documented) if not name.startswith(("_", "model_"))]
    members = {*own, *getattr(documented, "model_fields", ())}
    assert len(members) >= 5
    assert [name for name in sorted(members) if not re.search(rf"^\| `{name}\b", prose, re.MULTILINE)] == []


def page(hook: Hook) -> Path:
    return ROOT / "docs" / "sdk" / f"{hook.name}.md"


def rendered(hook: Hook) -> str:
    """The block of signatures, as it stands on the page, in the form of a stub."""
    code = "\n\n".join(f"# {name}\n{ast.unparse(_bare(_definition(name)))}" for name in hook.shows)
    form = [ROOT / ".venv/bin/ruff", "format", "--isolated", "--line-length=100", "--stdin-filename=a.pyi", "-"]
    shown = subprocess.run(form, input=code, capture_output=True, text=True, check=True).stdout
    return f"```python\n{shown}```"


def _definition(name: str) -> ast.stmt:
    """Where the dotted name is defined."""
    parts = name.split(".")
    at = next(at for at in range(len(parts) - 1, 0, -1) if _is_module(".".join(parts[:at])))
    module = importlib.import_module(".".join(parts[:at]))
    body = ast.parse(inspect.getsource(module)).body
    for part in parts[at:-1]:
        body = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == part).body
    return next(node for node in body if parts[-1] in _names(node))


def _is_module(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    return True


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _bare(node: ast.stmt) -> ast.stmt:
    """The code without bodies, comments and what is private."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.body = [ast.Expr(ast.Constant(...))]
    elif isinstance(node, ast.ClassDef):
        node.body = [_member(inner) for inner in node.body if _shown(inner)] or [ast.Expr(ast.Constant(...))]
    return node


def _shown(node: ast.stmt) -> bool:
    names = _names(node)
    return bool(names) and not any(name.startswith(("_", "model_")) for name in names)


def _member(node: ast.stmt) -> ast.stmt:
    """A method without its body; a property as the field that it reads like."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
        if "property" in map(ast.unparse, node.decorator_list):
            return ast.AnnAssign(target=ast.Name(node.name), annotation=_unquoted(node.returns), value=None, simple=1)
        node.returns = _unquoted(node.returns)
    return _bare(node)


def _unquoted(annotation: ast.expr) -> ast.expr:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation


def main() -> Iterator[Path]:
    """Write the signatures of every page; gives the pages that changed."""
    for hook in HOOKS:
        text = page(hook).read_text(encoding="utf-8")
        block = _BLOCK.search(text)
        if block is not None and block.group() != rendered(hook):
            page(hook).write_text(text.replace(block.group(), rendered(hook)), encoding="utf-8")
            yield page(hook)


if __name__ == "__main__":
    for changed in main():
        print(changed)
