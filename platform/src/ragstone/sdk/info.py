"""What is known of a plugin before any of its code runs."""

from pathlib import Path

from pydantic import computed_field

from ragstone.errors import PluginError
from ragstone.sdk.manifest import MANIFEST_NAME, Manifest, read_manifest
from ragstone.types import Record

GROUP = "ragstone.plugins"
"""The group of entry points that names plugins."""


class PluginInfo(Record):
    """A plugin by its metadata and its manifest.

    Attributes:
        name: What the operator calls it.
        target: ``module:attribute`` of its `Plugin`.
        distribution: The installed distribution, or the one that its ``pyproject.toml`` names; empty for a single file.
        version: Of the distribution, or of the manifest.
        source: Where its code is imported from; None when it is installed.
        folder: Where its data lie (``evals/``, ``corpora/``, ``flows/``); None when it has none.
        manifest: What it declares; None when that cannot be read.
        problem: Why it cannot be loaded here and what to do; empty when nothing is known against it.
        allowed: Whether the operator's allow-list has it.
    """

    name: str
    target: str
    distribution: str = ""
    version: str = ""
    source: Path | None = None
    folder: Path | None = None
    manifest: Manifest | None = None
    problem: str = ""
    allowed: bool = True

    @property
    def usable(self) -> bool:
        """Whether it is allowed and nothing is known against it."""
        return self.allowed and not self.problem

    @computed_field
    @property
    def hooks(self) -> tuple[str, ...]:
        """The names of the hooks that it uses beside its tasks."""
        declared = ("views", "scorers", "loaders", "adapter")
        used = [name for name in declared if self.manifest and getattr(self.manifest, name)]
        folders = [name for name in ("corpora", "evals", "flows") if self.folder and (self.folder / name).is_dir()]
        return tuple(sorted(used + folders))

    def read(self, root: Path) -> "PluginInfo":
        """The same plugin with its manifest and its folder, or with what is wrong with them.

        Args:
            root: The folder that the first part of the target's module lies in.
        """
        place = _place(root, self.target.partition(":")[0])
        if place is None:
            problem = f"Its module {self.target} is not in {root}. Mend its entry point, or reinstall it."
            return self.model_copy(update={"problem": problem})
        alone = place.suffix == ".py"
        folder = (self.source if alone else place) if self.source else (None if alone else place)
        try:
            manifest = read_manifest(place)
        except PluginError as error:
            return self.model_copy(update={"folder": folder, "problem": str(error)})
        known = {"folder": folder, "manifest": manifest, "problem": manifest.misfit()}
        return self.model_copy(update={**known, "version": self.version or manifest.version})


def _place(root: Path, module: str) -> Path | None:
    """Where the manifest is: the package of the module or the nearest one above it that has one, or a lone module."""
    parts = module.split(".")
    folders = [root.joinpath(*parts[:depth]) for depth in range(len(parts), 0, -1)]
    for folder in folders:
        if (folder / MANIFEST_NAME).is_file():
            return folder
    if folders[-1].is_dir():
        return folders[-1]
    alone = root / f"{parts[0]}.py"
    return alone if alone.is_file() else None
