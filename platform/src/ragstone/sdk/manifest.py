"""``plugin.toml``: what the host must know of a plugin before it runs any of its code.

A package keeps it beside the module of its entry point. A plugin of a single file carries it in its head, as an inline
metadata block in the form of PEP 723::

    # /// ragstone
    # sdk_version = "1.0"
    # minimum_host_version = "0.1.0"
    # ///
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from ragstone import __version__
from ragstone.errors import PluginError
from ragstone.types import Record

SDK_VERSION = "1.0"
"""MAJOR.MINOR of this SDK. A new minor only adds; a new major may take away (docs/sdk.md, "Versions")."""

MANIFEST_NAME = "plugin.toml"

Target = Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Suffix = Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")]
Reason = Annotated[str, Field(min_length=20)]

_BLOCK = re.compile(r"(?m)^# /// ragstone$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


class Manifest(Record):
    """What a plugin declares.

    Attributes:
        sdk_version: MAJOR.MINOR of the SDK that it is written for; the host needs this major, and this minor or more.
        minimum_host_version: The oldest ``ragstone`` that it runs on.
        imports: Top-level names of packages that importing the plugin may load beside Ragstone's own.
        version: Of a plugin of a single file; a package has its distribution's.
        adapter: The LoRA adapter that the model server serves under this name; the base model answers where it is not.
        views: For each task that has one, a function that draws its page (`ragstone.sdk.Page`).
        scorers: Builders of scorers; the host calls one ``plugin/name``, and its metrics begin with ``plugin.``.
        loaders: For a suffix, a function that reads such files (docs/sdk/loaders.md).
        skip: For each conformance test that does not fit this plugin, or one of its tasks ("spans.count"), the reason.
    """

    sdk_version: str = Field(pattern=r"^\d+\.\d+$")
    minimum_host_version: str = Field(pattern=r"^\d+(\.\d+){0,2}$")
    imports: tuple[str, ...] = ()
    version: str = Field(default="", pattern=r"^(\d+(\.\d+){0,2})?$")
    adapter: str | None = Field(default=None, min_length=1)
    views: Mapping[Name, Target] = Field(default_factory=dict[str, str])
    scorers: Mapping[Name, Target] = Field(default_factory=dict[str, str])
    loaders: Mapping[Suffix, Target] = Field(default_factory=dict[str, str])
    skip: Mapping[str, Reason] = Field(default_factory=dict[str, str])

    def misfit(self) -> str:
        """Why this host cannot run the plugin, and what to do; empty when it can."""
        wanted, offered = _numbers(self.sdk_version), _numbers(SDK_VERSION)
        if wanted[0] != offered[0]:
            return (
                f"It is written for SDK {self.sdk_version}, this host speaks {SDK_VERSION}. "
                f"Take a release of the plugin for SDK {offered[0]}, or move it over: docs/sdk.md, 'Versions'."
            )
        if wanted > offered:
            return f"It needs SDK {self.sdk_version}, this host speaks {SDK_VERSION}. Run: pip install -U ragstone"
        if _numbers(self.minimum_host_version) > _numbers(__version__):
            return f"It needs ragstone {self.minimum_host_version}, this is {__version__}. Run: pip install -U ragstone"
        return ""


def read_manifest(place: Path) -> Manifest:
    """The manifest of the folder of a package's data, or of a plugin of a single file.

    Raises:
        PluginError: there is none, it is not TOML, or a field is wrong; names the field.
    """
    path, text = (place, _block(place)) if place.suffix == ".py" else (place / MANIFEST_NAME, None)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig") if text is None else text)
        return Manifest.model_validate(values)
    except FileNotFoundError:
        raise PluginError(
            f"{path.parent} has no {MANIFEST_NAME}. Write one with sdk_version and minimum_host_version."
        ) from None
    except OSError as error:
        raise PluginError(f"{path} cannot be read ({error.strerror}). Check that it may be read.") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PluginError(f"{path}: field '{field}': {first['msg']}. Mend the manifest.") from None
    except ValueError as error:  # not UTF-8, or not TOML
        raise PluginError(f"{path}: the manifest is not TOML: {error}. Mend it.") from error


def has_block(path: Path) -> bool:
    """Whether a Python file is a plugin of a single file."""
    return path.is_file() and bool(_BLOCK.search(path.read_text(encoding="utf-8", errors="replace")))


def _block(path: Path) -> str:
    try:
        found = _BLOCK.search(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise PluginError(f"{path} cannot be read ({error.strerror}). Check that it may be read.") from error
    except ValueError as error:
        raise PluginError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
    if found is None:
        raise PluginError(
            f"{path} has no manifest. Put a block '# /// ragstone' with sdk_version and minimum_host_version on top."
        )
    lines = found.group("content").splitlines()
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)


def _numbers(version: str) -> tuple[int, ...]:
    """A version as numbers of one length: 0.1 is 0.1.0."""
    parts = [int(part) for part in re.findall(r"\d+", version)[:3]]
    return tuple(parts + [0] * (3 - len(parts)))
