"""The console around a fake engine whose answers, sources and documents try to be active content."""

import runpy
from pathlib import Path

from ragstone_console import runtime

ROOT = Path(__file__).parents[2]
fakes = runpy.run_path(str(ROOT / "tests" / "unit" / "console" / "conftest.py"))
engine = fakes["FakeEngine"](fakes["HOSTILE"])
engine.pause = 0.01
runtime.open_engine = engine.opened

runpy.run_path(str(ROOT / "ui" / "src" / "ragstone_console" / "app.py"))
