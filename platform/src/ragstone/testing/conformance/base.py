"""What every test of the kit has: a plugin under test, an order, and a written reason for what is left out."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import pytest

from ragstone.errors import PluginError
from ragstone.testing.conformance.subject import Subject

CHECKS = (
    "manifest",
    "name",
    "network",
    "imports",
    "load",
    "languages",
    "schema",
    "spans",
    "empty",
    "groups",
    "deletion",
    "injection",
    "gold",
    "gate",
)
"""The tests in their order, by the names that ``[skip]`` of a manifest knows."""

NEEDED = ("manifest", "name", "load")
"""Tests that cannot be skipped: nothing can be said of a plugin that fails them."""

BY_TASK = ("spans", "empty", "groups", "deletion", "injection")
"""Tests that can be skipped for one task: ``"spans.count" = "It counts plants and quotes nothing."``"""

NOT_RUN = "not run: "
LEFT_OUT = "left out"
_MOST = 5
_subjects = pytest.StashKey[dict[Path, Subject]]()


class Conformance:
    """The base of the kit's classes; ``path`` is the plugin's folder or file."""

    path: ClassVar[Path]

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if cls.__module__.startswith("ragstone.testing.conformance."):
            return
        kit = {name for base in cls.__mro__[1:] if issubclass(base, Conformance) for name in vars(base)} - {"path"}
        changed = sorted(name for name in kit & vars(cls).keys() if not name.startswith("__"))
        if changed:
            raise PluginError(
                f"{cls.__name__} replaces '{changed[0]}' of the conformance kit. Take it out; a test that does not fit "
                'the plugin is left out in its manifest, under [skip], with the reason: spans = "It quotes nothing …"'
            )

    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        """The plugin under test; what is known of it is kept for the whole session."""
        known = request.config.stash.setdefault(_subjects, {})
        return known.setdefault(self.path, Subject(self.path))

    @pytest.fixture(autouse=True)
    def due(self, request: pytest.FixtureRequest, subject: Subject) -> None:
        """Skip a test that the manifest leaves out, or that cannot say anything because of an earlier one."""
        check = request.function.__name__.removeprefix("test_")
        blocker = blocked_by(check, subject)
        if blocker:
            not_run(f"see '{blocker}'")
        if check not in NEEDED and check in subject.manifest.skip:
            pytest.skip(subject.manifest.skip[check])
        for key, reason in subject.manifest.skip.items():
            if key.startswith(f"{check}."):
                request.node.user_properties.append((LEFT_OUT, f"without task '{key.partition('.')[2]}': {reason}"))


def blocked_by(check: str, subject: Subject) -> str:
    """The earlier test that has to be mended first, or nothing."""
    for earlier in CHECKS[: CHECKS.index(check)]:
        if earlier == "manifest" and subject.manifest_problem:
            return earlier
        if earlier == "name" and subject.name_problem:
            return earlier
        if earlier == "network" and subject.probe.attempts and earlier not in subject.manifest.skip:
            return earlier
        if earlier == "load" and subject.load_problem:
            return earlier
    return ""


def refuse(problems: Iterable[str], remedy: str = "") -> None:
    """Fail the test if there is a problem; at most five are told."""
    __tracebackhide__ = True
    told = list(problems)
    if told:
        more = [f"and {len(told) - _MOST} more"] if len(told) > _MOST else []
        pytest.fail("\n".join([*told[:_MOST], *more, *([remedy] if remedy else [])]), pytrace=False)


def not_run(reason: str) -> NoReturn:
    """Skip the test because of another one."""
    pytest.skip(f"{NOT_RUN}{reason}")
