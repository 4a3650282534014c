"""Start the console."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ragstone.errors import MissingDependencyError, RagstoneError


def console(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless you say otherwise.")] = "127.0.0.1",
) -> None:
    """Open the console in a browser: ask, and see the proof."""
    spec = find_spec("ragstone_console")
    if spec is None or spec.origin is None:
        raise MissingDependencyError("ragstone_console", "console")
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(Path(spec.origin).parent / "app.py")),
        *("--server.port", str(port), "--server.address", host, "--server.headless", "true"),
        *("--browser.gatherUsageStats", "false", "--client.toolbarMode", "minimal"),
    ]
    typer.echo(f"Console: http://{host}:{port}  (Ctrl-C ends it)")
    code = subprocess.run(command, check=False).returncode
    if code:
        raise RagstoneError(f"The console stopped with exit code {code}. Is port {port} taken? Try --port.")
