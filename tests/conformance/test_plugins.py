"""Every plugin that ships keeps the contract that strangers' plugins keep; ``make gate`` runs its gates."""

from pathlib import Path

from ragstone.testing.conformance import (
    DeletionConformance,
    EmptyConformance,
    GoldConformance,
    GroupsConformance,
    ImportsConformance,
    InjectionConformance,
    LanguagesConformance,
    LoadConformance,
    ManifestConformance,
    NameConformance,
    NetworkConformance,
    SchemaConformance,
    SpansConformance,
)

CONTRACT = (
    GoldConformance,
    InjectionConformance,
    DeletionConformance,
    GroupsConformance,
    EmptyConformance,
    SpansConformance,
    SchemaConformance,
    LanguagesConformance,
    LoadConformance,
    ImportsConformance,
    NetworkConformance,
    NameConformance,
    ManifestConformance,
)
for folder in sorted((Path(__file__).parents[2] / "plugins").iterdir()):
    name = f"Test{folder.name.title().replace('_', '')}"
    globals()[name] = type(name, CONTRACT, {"path": folder})
