"""Write a new plugin: a package, or a single file with its data beside it.

The templates lie in ``templates/``: what both forms share (``both``), what only one has (``package``, ``single``), and
the data that each keeps beside its code (``data``). Names of files are made with ``NAME``, ``MODULE`` and ``DOT``, for
wheels leave hidden files out; the content of a ``.template`` with `string.Template`, where ``parts`` are blocks of code
that both forms hold. The baseline is a run of ``retrieval`` of a new plugin whose name became a placeholder again.
"""

import keyword
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from string import Template

from ragstone import __version__
from ragstone.errors import UsageError
from ragstone.sdk.manifest import SDK_VERSION
from ragstone.sdk.registry import list_plugins
from ragstone.settings import Settings

_TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = ".template"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_EXTRAS = "ragstone[documents,evaluation,index,models]"


@dataclass(frozen=True)
class NewPlugin:
    """What is to be made. ``name`` is the plugin's; ``embedder`` the model that its gate needs."""

    name: str
    single_file: bool
    embedder: str

    @property
    def module(self) -> str:
        """The name that its code is imported by."""
        stem = self.name.replace("-", "_")
        return stem if self.single_file else f"ragstone_{stem}"

    @property
    def data(self) -> str:
        """Where its corpora, gold questions and sealed schemas lie: beside the module."""
        return "" if self.single_file else f"src/{self.module}/"

    @property
    def facts(self) -> dict[str, str]:
        """The placeholders of the templates."""
        install = f'"{_EXTRAS}" pytest pytest-asyncio' if self.single_file else '-e ".[test]"'
        return {
            "name": self.name,
            "module": self.module,
            "title": self.name.replace("-", " ").capitalize(),
            "data": self.data,
            "code": f"{self.module}.py" if self.single_file else self.data,
            "embedder": self.embedder,
            "host_version": __version__,
            "sdk_version": SDK_VERSION,
            "install": f"pip install {install}",
        }


def make_plugin(name: str, into: Path, settings: Settings, single_file: bool = False) -> Path:
    """Write a plugin that passes every check into the folder ``into/name``, whole or not at all.

    Returns:
        The folder.

    Raises:
        UsageError: the name cannot be used or is taken, ``into`` is no folder, or ``into/name`` is in the way.
    """
    new = NewPlugin(name, single_file, settings.models.embedder)
    target = into / name
    _check_name(new, settings)
    _check_place(into, target)
    parts = {part.name: _filled(part, new.facts).rstrip() for part in (_TEMPLATES / "parts").iterdir()}
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=into) as temporary:
        made = Path(temporary) / name
        for source in ("both", "single" if single_file else "package"):
            _copy(_TEMPLATES / source, made, new.facts | parts)
        _copy(_TEMPLATES / "data", made / new.data, new.facts | parts)
        made.rename(target)  # over an empty folder, too
    return target


def _check_name(new: NewPlugin, settings: Settings) -> None:
    if not _NAME.fullmatch(new.name):
        raise UsageError(
            f"'{new.name}' cannot name a plugin. Use small letters a to z, digits and single hyphens, such as "
            "tool-library; its titles may be in any language."
        )
    if new.name in {info.name for info in list_plugins(settings)}:
        raise UsageError(f"A plugin '{new.name}' is there already. Choose another name. See: ragstone plugins list")
    if keyword.iskeyword(new.module) or new.module in sys.stdlib_module_names or _is_installed(new.module):
        raise UsageError(
            f"A file {new.module}.py would clash with what Python calls '{new.module}'. Choose another name"
            f"{', or leave --single-file out' if new.single_file else ''}."
        )


def _is_installed(module: str) -> bool:
    spec = find_spec(module)
    return spec is not None and spec.origin is not None  # a mere folder of that name hides nothing


def _check_place(into: Path, target: Path) -> None:
    if not into.is_dir():
        raise UsageError(f"'{into}' is no folder. Make it first, or name another one after --into.")
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise UsageError(f"'{target}' is there already and not an empty folder. Move it away, or choose another name.")


def _copy(source: Path, target: Path, facts: Mapping[str, str]) -> None:
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        inner = path.relative_to(source).as_posix()
        for word, meant in (("NAME", facts["name"]), ("MODULE", facts["module"]), ("DOT", ".")):
            inner = inner.replace(word, meant)
        place = target / inner.removesuffix(_SUFFIX)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_filled(path, facts).encode() if path.suffix == _SUFFIX else path.read_bytes())


def _filled(path: Path, facts: Mapping[str, str]) -> str:
    return Template(path.read_text(encoding="utf-8")).substitute(facts)
