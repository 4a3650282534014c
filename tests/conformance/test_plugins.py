"""Every plugin that ships keeps the contract that strangers' plugins keep; ``make gate`` runs its gates."""

from pathlib import Path

from ragstone.testing.conformance import GateConformance, PluginConformance

CONTRACT = tuple(base for base in PluginConformance.__bases__ if base is not GateConformance)
for folder in sorted((Path(__file__).parents[2] / "plugins").iterdir()):
    name = f"Test{folder.name.title().replace('_', '')}"
    globals()[name] = type(name, CONTRACT, {"path": folder})
