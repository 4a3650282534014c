"""The conformance kit: the contract of a plugin as pytest classes to inherit, all of them or one by one.

::

    class TestGarden(PluginConformance):
        path = Path(__file__).parents[1]

Models are fakes (but for the gate's embedder), sockets are closed, and the plugin is imported afresh for each test. A
test that does not fit the plugin is left out in its manifest, ``[skip]``, with the reason in words.
"""

from ragstone.testing.conformance.behaviour import (
    DeletionConformance,
    EmptyConformance,
    GroupsConformance,
    InjectionConformance,
    SpansConformance,
)
from ragstone.testing.conformance.measuring import GateConformance, GoldConformance
from ragstone.testing.conformance.packaging import (
    ImportsConformance,
    LanguagesConformance,
    LoadConformance,
    ManifestConformance,
    NameConformance,
    NetworkConformance,
    SchemaConformance,
)

__all__ = [
    "DeletionConformance",
    "EmptyConformance",
    "GateConformance",
    "GoldConformance",
    "GroupsConformance",
    "ImportsConformance",
    "InjectionConformance",
    "LanguagesConformance",
    "LoadConformance",
    "ManifestConformance",
    "NameConformance",
    "NetworkConformance",
    "PluginConformance",
    "SchemaConformance",
    "SpansConformance",
]


class PluginConformance(  # pytest begins with the last
    GateConformance,
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
):
    """The whole contract."""
