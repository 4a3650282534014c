"""What outputs and forms are made of."""

from collections.abc import Mapping
from typing import Any, Self, TypedDict, cast

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from ragstone.corpus.sentences import sentence_spans
from ragstone.types import AbstentionReason, Language, Passage, Record, Span


class Output(BaseModel):
    """What the output of a task derives from, unless it is an `Answer`. ``abstention`` says why there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    abstention: AbstentionReason | None = None


class Quote(Record):
    """An exact slice of a document: ``document.text[span.start:span.end] == text``."""

    document_id: str
    span: Span
    text: str
    title: str = ""

    @classmethod
    def of(cls, passage: Passage, span: Span | None = None) -> Self:
        """A passage, or the part of it that ``span`` (characters of the document) marks.

        Raises:
            ValueError: the span leaves the passage.
        """
        part = span or passage.span
        if part.start < passage.span.start or part.end > passage.span.end:
            raise ValueError(f"{part} leaves the passage {passage.span}")
        text = passage.text[part.start - passage.span.start : part.end - passage.span.start]
        return cls(document_id=passage.document_id, span=part, text=text, title=passage.title)


class Label(TypedDict):
    """The arguments of ``pydantic.Field`` that name a field in both languages."""

    title: str
    json_schema_extra: dict[str, Any]


def label(en: str, zh: str) -> Label:
    """How people call a field: ``text: str = Field(**label(en="Text", zh="文本"))``."""
    return Label(title=en, json_schema_extra={"titles": {"en": en, "zh": zh}})


def field_title(name: str, field: FieldInfo, language: Language) -> str:
    """What people read in front of a field: its label in the language, else its title, else its name made readable."""
    extra = field.json_schema_extra
    titles: Mapping[str, str] = cast("Any", extra).get("titles", {}) if isinstance(extra, Mapping) else {}
    return titles.get(language) or field.title or name.replace("_", " ").capitalize()


def sentences(text: str, language: Language) -> list[Span]:
    """The sentences of a text, as spans of it, without the white space between them."""
    return list(sentence_spans(text, language))
