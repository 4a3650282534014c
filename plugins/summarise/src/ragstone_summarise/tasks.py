"""The model writes and the platform checks; where it proves nothing, the documents' own sentences take over."""

import re
from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import BaseModel, Field, model_validator

from ragstone.sdk import Answer, Context, Evidence, Language, Output, Question, Quote, Support, label
from ragstone_summarise.cutting import ENDS, most_central, parts, whole_sentences

_PART, _READ = 600, 6  # characters of a part, and how many parts the model reads: they fit into 4096 tokens
_FLOORS: Mapping[Language, float] = {"en": 0.83, "zh": 0.86}  # of the default embedder; below it is another topic
_WORDS: Mapping[Language, tuple[str, str, str]] = {
    "en": ("Summarise the most important facts about this.", "sentences not kept: {}", "parts not read: {}"),
    "zh": ("请概括与此有关的最重要的事实。", "未保留的句子：{}", "未读的部分：{}"),
}


class Wanted(BaseModel):
    """The id of a document, or a topic; without a language the summary is in that of what is summarised."""

    document: str = Field(default="", **label(en="Document", zh="文档"))
    topic: str = Field(default="", max_length=200, **label(en="or topic", zh="或主题"))
    language: Language | None = Field(default=None, **label(en="Language of the summary", zh="摘要语言"))
    sentences: int = Field(default=3, ge=1, le=6, **label(en="Sentences", zh="句数"))
    corpus: str | None = Field(default=None, **label(en="Corpus", zh="语料库"))

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.document) == bool(self.topic.strip()):
            raise ValueError("give the id of a document or a topic")
        return self


class Line(BaseModel):
    """A sentence and what proves it."""

    text: str = Field(**label(en="Sentence", zh="句子"))
    quotes: tuple[Quote, ...] = Field(**label(en="Proof", zh="依据"))
    support: Support = Field(**label(en="Support", zh="证实情况"))


class Summary(Output):
    """Proved sentences; ``extractive``: the documents' own; ``dropped``: what was left out."""

    sentences: tuple[Line, ...] = Field(default=(), **label(en="Summary", zh="摘要"))
    extractive: bool = Field(default=False, **label(en="In the documents' own words", zh="摘自原文"))
    dropped: tuple[str, ...] = Field(default=(), **label(en="Left out", zh="未包含"))


class Summarise:
    """A document is read in parts, a topic in the passages that bear on it."""

    name = "document"
    titles: Mapping[Language, str] = {"en": "Summarise a document or a topic", "zh": "文档或专题摘要"}
    input, output = Wanted, Summary
    examples: Mapping[Language, tuple[Wanted, ...]] = {
        "en": (Wanted(document="en/borrowing.md", corpus="summarise/sample"),),
        "zh": (Wanted(topic="押金", language="zh", corpus="summarise/sample"),),
    }

    async def run(self, value: Wanted, context: Context) -> Summary:
        """Abstain when nothing is found, nothing bears on the topic, or nothing can be proved."""
        if value.document:
            found = parts(await context.document(value.document, value.corpus), _PART)
        else:
            found = await context.search(Question(text=value.topic, language=value.language), corpus=value.corpus)
        bearing = [each for each in found if value.document or _bears_on(value.topic, each)]
        if not bearing:
            return Summary(abstention="low_relevance" if found else "no_evidence")
        passage, count = bearing[0].passage, value.sentences
        about = Question(
            text=value.topic or passage.title or passage.document_id, language=value.language or passage.language
        )
        instruction, not_kept, not_read = _WORDS["zh" if about.language == "zh" else "en"]
        read = [bearing[at] for at in await most_central([each.passage.text for each in bearing], _READ, context)]
        answer = await context.write(about, read, instruction, count)
        lines = [*_proved(answer)][:count]
        lost = (not_kept, len(answer.sentences) - len(lines)), (not_read, len(bearing) - len(read))
        dropped = (*answer.dropped, *(words.format(number) for words, number in lost if number))
        if lines:
            return Summary(sentences=tuple(lines), dropped=dropped)
        own = whole_sentences(bearing)  # of all, whatever the model read
        chosen = [own[at] for at in await most_central([quote.text for quote in own], count, context)]
        lines = [Line(text=q.text, quotes=(q,), support=Support(verdict="supported", score=1.0)) for q in chosen]
        reason = None if lines else answer.abstention or "unsupported"
        return Summary(sentences=tuple(lines), extractive=bool(lines), dropped=dropped, abstention=reason)


def _bears_on(topic: str, evidence: Evidence) -> bool:
    text = f"{evidence.passage.heading}\n{evidence.passage.text}".casefold()
    return topic.casefold() in text or (evidence.dense or 0.0) >= _FLOORS.get(evidence.passage.language, 0.0)


def _proved(answer: Answer) -> Iterator[Line]:
    """The supported sentences that are whole, without markers, each with its quotes."""
    for sentence in answer.sentences:
        text = re.sub(r"\s*\[\d+\]", "", sentence.span.of(answer.text))
        cited = [each for each in answer.citations if each.answer_span == sentence.span]
        quotes = [Quote(document_id=c.document_id, span=c.span, text=c.quote, title=c.title) for c in cited]
        if sentence.support.verdict == "supported" and text.endswith(ENDS):
            yield Line(text=text, quotes=tuple(quotes), support=sentence.support)
