"""What a plugin author imports: records and protocols, no engines.

A plugin is a distribution with an entry point in the group ``ragstone.plugins`` whose value is a `Plugin`.
"""

from ragstone.sdk.ask import AskInput, AskTask
from ragstone.sdk.plugin import Context, Plugin, Task
from ragstone.types import Answer, AnswerEvent, Evidence, Language, Question, TextDelta

__all__ = [
    "Answer",
    "AnswerEvent",
    "AskInput",
    "AskTask",
    "Context",
    "Evidence",
    "Language",
    "Plugin",
    "Question",
    "Task",
    "TextDelta",
]
