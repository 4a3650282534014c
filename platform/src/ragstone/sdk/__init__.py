"""What a plugin author imports: records and protocols, no engines.

A plugin is a distribution with an entry point in the group ``ragstone.plugins``, or a single file in a folder that the
operator names; its value is a `Plugin`. docs/sdk.md builds one from nothing.
"""

from typing import TYPE_CHECKING, Any

from ragstone.corpus.language import detect_language
from ragstone.corpus.loaders.source import Loaded, Rejected, SourceFile
from ragstone.errors import CorpusError, PluginError, RagstoneError, UsageError
from ragstone.models.generation import Message
from ragstone.sdk.ask import AskInput, AskTask
from ragstone.sdk.context import Context
from ragstone.sdk.manifest import SDK_VERSION
from ragstone.sdk.page import Page
from ragstone.sdk.plugin import NoProfile, NoSettings, Plugin, StreamingTask, Task
from ragstone.sdk.records import Output, Quote, field_title, label, sentences
from ragstone.types import (
    AbstentionReason,
    Answer,
    AnswerEvent,
    Case,
    Citation,
    Document,
    Evidence,
    Language,
    Passage,
    Question,
    Record,
    Span,
    Support,
    TextDelta,
    Turn,
)
from ragstone.users.guard import masked

if TYPE_CHECKING:
    from ragstone.sdk.flows import Flow

__all__ = [
    "SDK_VERSION",
    "AbstentionReason",
    "Answer",
    "AnswerEvent",
    "AskInput",
    "AskTask",
    "Case",
    "Citation",
    "Context",
    "CorpusError",
    "Document",
    "Evidence",
    "Flow",
    "Language",
    "Loaded",
    "Message",
    "NoProfile",
    "NoSettings",
    "Output",
    "Page",
    "Passage",
    "Plugin",
    "PluginError",
    "Question",
    "Quote",
    "RagstoneError",
    "Record",
    "Rejected",
    "SourceFile",
    "Span",
    "StreamingTask",
    "Support",
    "Task",
    "TextDelta",
    "Turn",
    "UsageError",
    "detect_language",
    "field_title",
    "label",
    "masked",
    "sentences",
]


def __getattr__(name: str) -> Any:
    """Flows are many models; listing plugins does without them."""
    if name == "Flow":
        from ragstone.sdk.flows import Flow

        return Flow
    raise AttributeError(f"module 'ragstone.sdk' has no attribute '{name}'")
