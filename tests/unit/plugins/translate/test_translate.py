"""Translation: official wording first, then the model's when it passes every check, else nothing."""

from collections.abc import Sequence
from unittest.mock import AsyncMock

import numpy as np
import pytest
from pydantic import ValidationError

from ragstone.sdk import Document, Evidence, Language, Span
from ragstone_translate.checks import facts, lead
from ragstone_translate.tasks import Original, Translate

SOURCE = {"zh": "Keep a ladder for 3 days.", "en": "梯子可借3天。"}
OFFICIAL = {"zh": "梯子可借3天。", "en": "A ladder may be kept for 3 days."}
OTHER = {"zh": "大多数工具不收押金。", "en": "Most tools need no deposit."}
INTO = pytest.mark.parametrize("to", ["zh", "en"])


def lent(
    to: Language, said: str, near: dict[str, float], official: str | None = None, search: bool = True
) -> AsyncMock:
    """A context: the cosine of a text with any source is given by ``near`` (0.7 when it is not)."""
    text = f"# 3\n\n{official or OFFICIAL[to]} {OTHER[to]}"
    passage = Document(id=f"{to}/a.md", text=text, language=to).passage(Span(start=0, end=len(text)))

    async def embed(texts: Sequence[str]) -> np.ndarray:
        cosines = [1.0, *(near.get(text, 0.7) for text in texts[1:])]
        return np.asarray([[cosine, (1 - cosine**2) ** 0.5] for cosine in cosines])

    source: Language = "en" if to == "zh" else "zh"
    return AsyncMock(
        search=AsyncMock(return_value=(Evidence(passage=passage),) if search else ()),
        document=AsyncMock(return_value=Document(id="d", text=f"{SOURCE[to]}\n", language=source)),
        chat=AsyncMock(return_value=said),
        embed=embed,
    )


@INTO
async def test_official_wording_is_given_word_for_word(to: Language) -> None:
    context = lent(to, "never asked", {OFFICIAL[to]: 0.9})
    done = await Translate().run(Original(text=SOURCE[to], to=to), context)
    (line,) = done.lines
    assert (line.how, line.translation, done.untranslated, done.abstention) == ("memory", OFFICIAL[to], 0, None)
    assert line.wording is not None
    assert line.wording.text == OFFICIAL[to]
    assert line.similarity == pytest.approx(0.9)
    context.chat.assert_not_awaited()


@pytest.mark.parametrize(
    ("to", "official", "near"),
    [
        ("zh", "梯子可借4天。", 0.95),
        ("en", "A ladder may be kept for four days.", 0.95),
        ("zh", OFFICIAL["zh"], 0.74),
        ("en", OFFICIAL["en"], 0.74),
    ],
)
async def test_wording_with_another_number_or_too_small_a_lead_is_no_memory(
    to: Language, official: str, near: float
) -> None:
    said = {"zh": "梯子可以借3天。", "en": "You can borrow ladders for three days."}[to]
    context = lent(to, said, {official: near, said: 0.96}, official)
    (line,) = (await Translate().run(Original(text=SOURCE[to], to=to), context)).lines
    assert (line.how, line.translation) == ("model", said)
    assert line.wording is not None
    assert line.wording.text == official  # shown, and given to the model for its terms
    assert official in [message.content for message in context.chat.await_args.args[0] if message.role == "assistant"]


@pytest.mark.parametrize(
    ("to", "said", "near"),
    [
        ("zh", "梯子可借5天。", 0.95),  # another number
        ("en", "Ladders: 5 days.", 0.95),
        ("zh", "Ladders for 3 days.", 0.95),  # another script
        ("en", "梯子3天。", 0.95),
        ("zh", "费用3元。", 0.81),  # unlike the source
        ("en", "The fee is 3.", 0.81),
        ("zh", "工具3件。", 0.83),  # less like it than what the documents say
        ("en", "Tools: 3.", 0.83),
        ("zh", "好的。我来翻译。3天。", 0.95),  # more than the sentence
        ("en", "Sure. I translate. 3 days.", 0.95),
        ("zh", "", 0.95),
        ("en", "", 0.95),
    ],
)
async def test_what_fails_a_check_is_not_shown(to: Language, said: str, near: float) -> None:
    wrong = {"zh": "梯子可借6天。", "en": "A ladder may be kept for six days."}[to]
    context = lent(to, said, {said: near, wrong: 0.99}, wrong)
    done = await Translate().run(Original(text=SOURCE[to], to=to), context)
    (line,) = done.lines
    assert (line.how, line.translation, done.untranslated, done.abstention) == (
        "untranslated",
        SOURCE[to],
        1,
        "unsupported",
    )


@INTO
async def test_without_a_corpus_in_that_language_the_model_is_on_its_own(to: Language) -> None:
    said = OFFICIAL[to]
    (line,) = (await Translate().run(Original(text=SOURCE[to], to=to), lent(to, said, {said: 0.9}, search=False))).lines
    assert (line.how, line.translation, line.wording) == ("model", said, None)


@INTO
async def test_passages_in_another_language_are_no_wording(to: Language) -> None:
    other: Language = "en" if to == "zh" else "zh"
    context = lent(other, OFFICIAL[to], {OFFICIAL[to]: 0.9})
    (line,) = (await Translate().run(Original(text=SOURCE[to], to=to), context)).lines
    assert line.wording is None


@INTO
async def test_a_document_is_quoted_sentence_by_sentence(to: Language) -> None:
    context = lent(to, "", {OFFICIAL[to]: 0.9})
    done = await Translate().run(Original(document="d", to=to), context)
    (line,) = done.lines
    assert line.original is not None
    assert line.original.text == line.source == SOURCE[to]
    assert line.original.span == line.span


@INTO
async def test_some_sentences_may_stay(to: Language) -> None:
    text = {"zh": f"{SOURCE['zh']} The shop has 9 cats.", "en": f"{SOURCE['en']}店里有9只猫。"}[to]
    done = await Translate().run(Original(text=text, to=to), lent(to, "?", {OFFICIAL[to]: 0.9}))
    assert [line.how for line in done.lines] == ["memory", "untranslated"]
    assert (done.untranslated, done.abstention) == (1, None)
    assert [line.span.of(text) for line in done.lines] == [line.source for line in done.lines]


@pytest.mark.parametrize("given", [{"to": "zh"}, {"text": " ", "to": "en"}, {"text": "a", "document": "b", "to": "zh"}])
def test_a_text_or_a_document_is_needed(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a text or the id of a document"):
        Original.model_validate(given)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("You may have up to five tools.", "最多可以借五件工具。"),
        ("It costs 1,500 crowns, or 2.5%.", "费用是1500克朗，即2.5%。"),
        ("Renew it twice.", "可以续借两次。"),
        ("Closed on Tuesdays.", "星期二闭馆。"),
        ("Error E-17 of the Tidy R2.", "净扫 R2 显示 E-17。"),
        ("One of them comes at once.", "其中一个马上就来。"),
    ],
)
def test_the_same_facts_in_both_languages(english: str, chinese: str) -> None:
    assert facts(english) == facts(chinese)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("5 tools", "6 tools"),
        ("五件", "六件"),
        ("3 of 3", "3"),
        ("R2", "R3"),
        ("二十五", "十五"),
        ("Monday", "Tuesday"),
    ],
)
def test_other_facts_differ(left: str, right: str) -> None:
    assert facts(left) != facts(right)


@pytest.mark.parametrize(("numeral", "value"), [("十五", "15"), ("二十一", "21"), ("两百零三", "203")])
def test_chinese_numerals(numeral: str, value: str) -> None:
    assert dict(facts(numeral)) == {value: 1}


def test_a_lead_is_over_the_best_four() -> None:
    assert lead(0.9, [0.5, 0.8, 0.8, 0.8, 0.8]) == pytest.approx(0.1)
    assert lead(0.9, []) == 0.0
