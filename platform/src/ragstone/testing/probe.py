"""What importing a plugin does, found out in a process of its own: what it loads, and what it tries to reach.

Run as a file, so that nothing but the standard library is loaded before the plugin's own imports are counted.
"""

import inspect
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType
from typing import NamedTuple

_SECONDS = 120
_OWN = ("ragstone", "__main__", "__mp_main__")


class Probe(NamedTuple):
    """What an import did.

    Attributes:
        loaded: Top-level third-party packages beyond those of ``import ragstone.sdk``, each with the one that drew it
            in; empty: the plugin itself.
        attempts: What it tried to reach on a network.
        problem: Why the process came to no end; empty when it did. That a plugin does not load is not told here.
    """

    loaded: dict[str, str]
    attempts: list[str]
    problem: str = ""


def probe_import(path: Path) -> Probe:
    """Import the plugin at ``path`` in a new process that has the module search path of this one."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        given = json.dumps({"plugin": str(path), "search": sys.path, "result": str(result)})
        command = [sys.executable, "-P", __file__, given]
        try:
            ended = subprocess.run(
                command, capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, check=False
            )
        except subprocess.TimeoutExpired:
            return Probe({}, [], f"it takes more than {_SECONDS} seconds")
        if not result.exists():
            return Probe({}, [], f"the process ended with exit code {ended.returncode} while it was imported")
        return Probe(**json.loads(result.read_text(encoding="utf-8")))


def watch_import(path: Path) -> Probe:
    """Import the plugin at ``path`` here and now; no network is reached.

    Raises:
        UsageError: there is no plugin, or there are several.
        PluginError: its ``pyproject.toml`` cannot be read.
    """
    from ragstone.errors import PluginError
    from ragstone.sdk.registry import find_plugin, import_plugin
    from ragstone.testing.offline import offline

    info = find_plugin(path)
    watcher = _Watcher(info.target)
    with offline() as guard, suppress(PluginError):  # why it does not load is for another test to say
        sys.meta_path.insert(0, watcher)
        try:
            import_plugin(info)
        finally:
            sys.meta_path.remove(watcher)
    return Probe(watcher.found(), guard.attempts)


class _Watcher:
    """Notes who first asks for each package. It finds none itself."""

    def __init__(self, target: str) -> None:
        self._own = (*_OWN, target.partition(":")[0].partition(".")[0])
        self._before = {name.partition(".")[0] for name in sys.modules}
        self._drawn_by: dict[str, str] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Note it, and leave the finding to the others."""
        top = name.partition(".")[0]
        if top == name and self._third_party(top):
            asking = _importer(inspect.currentframe())
            self._drawn_by.setdefault(top, self._drawn_by.get(asking) or asking if self._third_party(asking) else "")
        return None

    def found(self) -> dict[str, str]:
        """The packages that were found in the end, and who drew them in."""
        return {name: by for name, by in sorted(self._drawn_by.items()) if name in sys.modules}

    def _third_party(self, top: str) -> bool:
        return top not in self._before and top not in self._own and top not in sys.stdlib_module_names


def _importer(frame: FrameType | None) -> str:
    """The top-level name of the module whose import statement is running."""
    here = frame.f_globals if frame is not None else {}
    while frame is not None and (frame.f_globals is here or _top(frame) == "importlib"):
        frame = frame.f_back
    return _top(frame) if frame is not None else ""


def _top(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _main(given: str) -> None:
    wanted = json.loads(given)
    sys.path[:] = wanted["search"]
    done = watch_import(Path(wanted["plugin"]))
    Path(wanted["result"]).write_text(json.dumps(done._asdict()), encoding="utf-8")


if __name__ == "__main__":
    _main(sys.argv[1])
