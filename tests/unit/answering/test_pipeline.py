"""The whole path with a scripted model: what is shown, what is proved, what is left out."""

from dataclasses import replace

import pytest

from ragstone.answering.wording import wording
from ragstone.testing.fakes import ScriptedChat
from ragstone.types import Answer, Question, TextDelta, Turn

QUESTIONS = {"en": "How long may I return goods?", "zh": "多久之内可以退货？"}
TRUE = {"en": "You may return goods within 30 days of delivery. [1]", "zh": "签收之日起三十天内可以退货。[1]"}
FALSE = {"en": "You may return goods within 90 days. [1]", "zh": "九十天内可以退货。[1]"}
BOTH = pytest.mark.parametrize("language", ["en", "zh"])


async def everything(path, question: Question) -> tuple[str, Answer]:
    events = [event async for event in path.stream(question)]
    assert isinstance(events[-1], Answer)
    assert all(isinstance(event, TextDelta) for event in events[:-1])
    return "".join(event.text for event in events[:-1]), events[-1]


@BOTH
async def test_a_true_answer_is_cited_and_proved(path, index, language) -> None:
    shown, answer = await everything(path(ScriptedChat(TRUE[language])), Question(text=QUESTIONS[language]))
    assert answer.abstention is None
    assert shown == answer.text == TRUE[language]
    assert answer.language == language
    [sentence] = answer.sentences
    assert sentence.support.verdict == "supported"
    [citation] = answer.citations
    document = index.document(citation.document_id, frozenset())
    assert citation.span.of(document.text) == citation.quote
    assert "30" in citation.quote or "三十" in citation.quote
    assert citation.document_id == f"{language}/returns.md"
    assert answer.usage.completion_tokens > 0
    assert answer.timings.first_token is not None


@BOTH
async def test_an_answer_without_any_proved_sentence_becomes_an_abstention(path, language) -> None:
    _, answer = await everything(path(ScriptedChat(FALSE[language])), Question(text=QUESTIONS[language]))
    assert answer.abstention == "unsupported"
    assert answer.text == wording(language).abstentions["unsupported"]
    assert answer.citations == ()


@BOTH
async def test_an_unproved_sentence_is_marked(path, language) -> None:
    reply = TRUE[language] + FALSE[language]
    _, answer = await everything(path(ScriptedChat(reply)), Question(text=QUESTIONS[language]))
    assert [sentence.support.verdict for sentence in answer.sentences] == ["supported", "unsupported"]
    assert "90 day" in answer.sentences[1].support.reason


@BOTH
async def test_an_unproved_sentence_is_dropped_when_the_operator_says_so(path, language) -> None:
    reply = FALSE[language] + TRUE[language]
    chat = ScriptedChat(reply)
    shown, answer = await everything(path(chat, unsupported="drop"), Question(text=QUESTIONS[language]))
    assert "90" not in shown
    assert "九十" not in shown
    assert shown == answer.text
    assert [sentence.span.of(answer.text) for sentence in answer.sentences] == [TRUE[language]]
    assert answer.citations[0].answer_span == answer.sentences[0].span
    assert wording(language).not_proved in answer.dropped


@BOTH
async def test_the_refusal_of_the_model_is_not_shown_and_becomes_an_abstention(path, language) -> None:
    chat = ScriptedChat(wording(language).declined)
    shown, answer = await everything(path(chat), Question(text=QUESTIONS[language]))
    assert shown == ""
    assert answer.abstention == "model_declined"
    assert answer.text == wording(language).abstentions["model_declined"]


@BOTH
async def test_the_word_that_says_found_is_not_shown(path, language) -> None:
    for reply in (f"{wording(language).found}\n{TRUE[language]}", f"{wording(language).found}，{TRUE[language]}"):
        shown, answer = await everything(path(ScriptedChat(reply)), Question(text=QUESTIONS[language]))
        assert shown == answer.text == TRUE[language]


@BOTH
async def test_below_the_floor_the_model_is_not_even_asked(path, language) -> None:
    chat = ScriptedChat(TRUE[language])
    shown, answer = await everything(path(chat, floor=1.0), Question(text=QUESTIONS[language]))
    assert (shown, answer.abstention, chat.requests) == ("", "low_relevance", [])


@BOTH
async def test_a_citation_of_a_source_that_was_not_given_is_taken_out_and_told(path, language) -> None:
    reply = TRUE[language] + FALSE[language].replace("[1]", "[9]")
    _, answer = await everything(path(ScriptedChat(reply)), Question(text=QUESTIONS[language]))
    assert "[9]" not in answer.text
    assert any("[9]" in dropped for dropped in answer.dropped)
    assert answer.sentences[1].support.verdict == "unchecked"


@BOTH
async def test_a_document_of_another_group_does_not_exist(path, language) -> None:
    question = {"en": "What goodwill credit for late returns?", "zh": "逾期退货的补偿是多少？"}[language]
    chat = ScriptedChat(TRUE[language])
    _, outside = await everything(path(chat), Question(text=question))
    assert not any("goodwill" in item.passage.document_id for item in outside.evidence)
    assert "40 dollars" not in str(chat.requests)
    assert "200元" not in str(chat.requests)
    _, staff = await everything(path(chat), Question(text=question, groups=frozenset({"staff"})))
    assert staff.evidence[0].passage.document_id == f"{language}/goodwill.md"


@BOTH
async def test_only_documents_in_the_language_of_the_question_are_read(path, language) -> None:
    _, answer = await everything(path(ScriptedChat(TRUE[language])), Question(text=QUESTIONS[language]))
    assert {item.passage.language for item in answer.evidence} == {language}


@BOTH
async def test_the_conversation_goes_into_the_search_and_the_prompt(path, language) -> None:
    earlier = {"en": "returns of goods", "zh": "退货"}[language]
    follow_up = {"en": "And how long?", "zh": "那么多久呢？"}[language]
    chat = ScriptedChat(TRUE[language])
    question = Question(text=follow_up, conversation=(Turn(role="user", text=earlier),))
    _, answer = await everything(path(chat), question)
    assert answer.evidence
    prompt = chat.requests[0][0][-1].content
    assert prompt.index(earlier) < prompt.index(follow_up)


@BOTH
async def test_the_sources_stand_before_the_question(path, language) -> None:
    chat = ScriptedChat(TRUE[language])
    await path(chat).answer(Question(text=QUESTIONS[language]))
    prompt = chat.requests[0][0][-1].content
    assert prompt.index("[1]") < prompt.index(QUESTIONS[language])


@BOTH
async def test_the_grammar_is_sent_where_the_server_can_and_only_there(path, language) -> None:
    for able in (True, False):
        chat = ScriptedChat(TRUE[language], grammar=able)
        await path(chat).answer(Question(text=QUESTIONS[language]))
        assert (chat.requests[0][1].grammar is not None) == able


@BOTH
async def test_the_first_token_of_the_refusal_gets_its_bias(path, language) -> None:
    chat = ScriptedChat(TRUE[language])
    await replace(path(chat), decline_bias={language: 2.0}).answer(Question(text=QUESTIONS[language]))
    assert chat.requests[0][1].bias == {ord(wording(language).declined[0]): 2.0}
    await path(chat).answer(Question(text=QUESTIONS[language]))
    assert chat.requests[1][1].bias == {}


@BOTH
async def test_a_question_too_long_for_the_context(path, language) -> None:
    chat = ScriptedChat(TRUE[language], context=300)
    _, answer = await everything(path(chat), Question(text=QUESTIONS[language] * 200))
    assert answer.abstention == "no_room"
    assert answer.dropped
    assert chat.requests == []


async def test_closing_the_stream_early_stops_the_model(path) -> None:
    chat = ScriptedChat("A long answer that goes on and on. [1]")
    stream = path(chat).stream(Question(text=QUESTIONS["en"]))
    await anext(stream)
    await stream.aclose()
    assert chat.closed


async def test_an_index_without_anything_for_the_reader_abstains(path) -> None:
    chat = ScriptedChat("Nothing. [1]")
    made = path(chat)
    made.index.delete(list(made.index.document_ids()))
    _, answer = await everything(made, Question(text=QUESTIONS["en"]))
    assert answer.abstention == "no_evidence"
