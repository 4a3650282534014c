"""What stands behind ``eval derive``: suites made of other suites' cases, or of the files of a bias benchmark."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ragstone.cli.output import console
from ragstone.errors import UsageError
from ragstone.evaluation.bias.bbq import read_bbq
from ragstone.evaluation.bias.cbbq import read_cbbq
from ragstone.evaluation.bias.lexicon import ATTRIBUTES
from ragstone.evaluation.bias.suite import counterfactual_cases
from ragstone.evaluation.cases.files import write_cases
from ragstone.evaluation.cases.suites import Suite, load_suite
from ragstone.evaluation.runs.journal import write_atomically
from ragstone.evaluation.scorers.injections import injection_cases
from ragstone.settings import load_settings
from ragstone.types import Case

Kind = Literal["counterfactual", "injections", "bbq", "cbbq"]
_TABLES: dict[str, Callable[[Path], tuple[Case, ...]]] = {"bbq": read_bbq, "cbbq": read_cbbq}


@dataclass(frozen=True)
class Derived:
    """A suite to be written: its cases, how they are asked and scored, and what the gate asks of them."""

    name: str
    cases: tuple[Case, ...]
    system: str
    scorers: tuple[str, ...]
    rules: str
    base: Suite | None = None


def derive_suite(kind: Kind, source: str, out: Path, attributes: Sequence[str]) -> None:
    """Write cases.jsonl and suites.toml, ready for ``eval run``; what is left out is counted, with the reason."""
    if attributes and kind != "counterfactual":
        raise UsageError(f"--attribute goes with 'counterfactual', not with '{kind}'. Leave it out.")
    derived = _benchmark(kind, Path(source)) if kind in _TABLES else _copies(kind, source, attributes)
    if not derived.cases:
        raise UsageError("No case is left to ask. See the reasons above, or name another suite.")
    write_cases(out / "cases.jsonl", derived.cases)
    write_atomically(out / "suites.toml", _table(derived))
    console.print(f"[green]written[/green]  {out / 'suites.toml'}: {len(derived.cases)} cases", soft_wrap=True)
    console.print(f"Next: ragstone eval run {out / 'suites.toml'}#{derived.name}", soft_wrap=True, markup=False)


def _benchmark(kind: Kind, path: Path) -> Derived:
    return Derived(kind, _TABLES[kind](path), "choice", (kind,), f"{kind}.bias.ambiguous")


def _copies(kind: Kind, source: str, attributes: Sequence[str]) -> Derived:
    suite = load_suite(source, load_settings())
    if kind == "injections":
        return Derived(kind, injection_cases(suite.cases), suite.system, ("safety",), "", suite)
    unknown = set(attributes) - set(ATTRIBUTES)
    if unknown:
        raise UsageError(f"No attribute is called '{min(unknown)}'. Choose: {', '.join(ATTRIBUTES)}.")
    made = counterfactual_cases(suite.cases, tuple(attributes) or ATTRIBUTES)
    for reason, count in Counter(skipped.reason for skipped in made.skipped).most_common():
        console.print(f"  left out: {count} copies: {reason}", style="yellow", markup=False)
    scorers = ("abstention", "counterfactual")
    return Derived(kind, made.cases, suite.system, scorers, "bias.gender.refusal_gap", suite)


def _table(derived: Derived) -> str:
    """The suite as a table of suites.toml; every value is a name that was checked when it was read."""
    lines = [f"[suites.{derived.name}]", 'files = ["cases.jsonl"]', f'system = "{derived.system}"']
    lines.append(f"scorers = {json.dumps(derived.scorers)}")  # a list of plain names is the same in TOML
    if derived.base is not None:
        facts = {"plugin": derived.base.plugin, "corpus": derived.base.corpus}
        lines += [f'{name} = "{value}"' for name, value in facts.items() if value]
    if derived.rules:
        lines += ["", f'[suites.{derived.name}.gate.metrics."{derived.rules}"]', "margin = 0.1"]
    return "\n".join([*lines, ""])
