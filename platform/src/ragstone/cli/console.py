"""Start the console."""

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ragstone.errors import MissingDependencyError, UsageError


def console(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless you say otherwise.")] = "127.0.0.1",
) -> None:
    """Open the console in a browser: ask, and see the proof."""
    spec = find_spec("ragstone_console")
    if spec is None or spec.origin is None:
        raise MissingDependencyError("ragstone_console", "console")
    if find_spec("streamlit") is None:
        raise MissingDependencyError("streamlit", "console")
    _require_free(host, port)
    typer.echo(f"Console: http://{host}:{port}  (Ctrl-C ends it)")
    sys.stdout.flush()
    command = _command(Path(spec.origin).parent, host, port)
    os.execv(command[0], command)  # noqa: S606  (in our place, so that every signal reaches it)


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(f"Cannot listen on {host}:{port} ({error.strerror}). Try another --port.") from None


def _command(folder: Path, host: str, port: int) -> list[str]:
    """Streamlit on this address alone: no telemetry, no file watcher, no details of errors in the browser."""
    options = {
        "server.port": str(port),
        "server.address": host,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableXsrfProtection": "true",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "theme.base": str(folder / "theme.toml"),
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(folder / "app.py"), *flags]
