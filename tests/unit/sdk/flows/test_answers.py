"""What people say, in both languages, read as answers."""

import pytest

from ragstone.sdk.flows.answers import known_answer, misfit, read_answer
from ragstone.sdk.flows.choices import choose
from ragstone.sdk.flows.conditions import Condition, Value
from ragstone.sdk.flows.model import (
    ChoiceQuestion,
    Helped,
    Instruction,
    NumberQuestion,
    Option,
    Phrases,
    Text,
    TextQuestion,
    YesNoQuestion,
)
from ragstone.sdk.flows.numerals import numerals

WORDS = Text(en="x", zh="某")
LAMP = {
    "blinking": Option(label=Text(en="Blinking red", zh="红灯闪烁"), then="a"),
    "steady": Option(label=Text(en="Steady red", zh="红灯常亮"), then="a"),
    "dark": Option(
        label=Text(en="Not lit", zh="不亮"), also=Phrases(en=("dark", "off"), zh=("熄灭", "没亮")), then="a"
    ),
}
LIGHTS = {
    "three": Option(label=Text(en="3 lights", zh="3个灯"), then="a"),
    "two": Option(label=Text(en="2 lights", zh="2个灯"), then="a"),
    "none": Option(label=Text(en="No light", zh="没有灯"), then="a"),
}
CODES = {
    "r2": Option(label=Text(en="Robot R2", zh="扫地机 R2"), then="a"),
    "c-03": Option(label=Text(en="Lights up (C-03)", zh="灯亮（C-03）"), then="a"),
    "t1": Option(label=Text(en="Thermostat T1", zh="温控器T1"), then="a"),
}
SURE = {
    "yes": Option(label=Text(en="Yes", zh="是"), then="a"),
    "no": Option(label=Text(en="No", zh="不是"), then="a"),
    "unsure": Option(label=Text(en="I don't know", zh="不知道"), then="a"),
}
WORKS = {
    "works": Option(label=Text(en="Working", zh="正常工作"), then="a"),
    "broken": Option(label=Text(en="Not working", zh="不工作"), then="a"),
    "noisy": Option(label=Text(en="Working, but with a loud noise", zh="噪音很大"), then="a"),
}


def words(text: str) -> list[str]:
    return text.split("|")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Blinking red", "blinking"),
        ("红灯闪烁。", "blinking"),
        ("BLINKING", "blinking"),
        ("steady", "steady"),
        ("常亮", "steady"),
        ("ｄａｒｋ", "dark"),
        ("它熄灭了", "dark"),
        ("2", "steady"),
        ("２", "steady"),
        ("2.", "steady"),
        ("#2", "steady"),
        ("option 2", "steady"),
        ("number two", "steady"),
        ("the second one", "steady"),
        ("I choose the second", "steady"),
        ("第二个", "steady"),
        ("选第二项", "steady"),
        ("选2", "steady"),
        ("我选二", "steady"),
        ("last one", "dark"),
        ("最后一个", "dark"),
        ("the light is off", "dark"),
        ("it is blinking red now", "blinking"),
        ("现在红灯闪烁", "blinking"),
        ("灯不亮了", "dark"),
        ("not blinking red, it's off", "dark"),
        ("不是红灯闪烁，是红灯常亮", "steady"),
        # Neither, both, denied, or a question: no guess.
        ("4", None),
        ("0", None),
        ("第九个", None),
        ("the tenth", None),
        ("red", None),
        ("红", None),
        ("红灯", None),
        ("lit", None),
        ("亮", None),
        ("it is", None),
        ("", None),
        ("？！", None),
        ("not blinking red", None),
        ("不是红灯闪烁", None),
        ("it isn't really off", None),
        ("blinking red or steady red", None),
        ("红灯闪烁和红灯常亮", None),
        ("what does blinking red mean?", None),
        ("红灯闪烁是什么意思", None),
        ("红灯闪烁吗？", None),
        ("yes", None),
        ("好的", None),
        ("my neighbour called", None),
        ("我想退货", None),
    ],
)
def test_a_choice(said: str, meant: str | None) -> None:
    assert choose(said, LAMP) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("3 lights", "three"),
        ("2个灯", "two"),
        ("第二个", "two"),
        ("the first", "three"),
        ("2", "two"),  # its place and its words agree
        ("3", None),  # the third answer, or the one of three lights
        ("三", None),
        ("no light", "none"),
        ("没有灯", "none"),
    ],
)
def test_a_number_that_also_stands_in_an_answer(said: str, meant: str | None) -> None:
    assert choose(said, LIGHTS) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("2", "c-03"), ("3", "t1"), ("三", "t1"), ("第二个", "c-03"), ("R2", "r2"), ("Ｃ-03", "c-03"), ("温控器t1", "t1")],
)
def test_a_number_is_not_meant_for_a_code_that_holds_it(said: str, meant: str) -> None:
    assert choose(said, CODES) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yep", "yes"),
        ("是的", "yes"),
        ("nope", "no"),
        ("没有", "no"),
        ("don't know", "unsure"),
        ("我不知道", "unsure"),
        ("no idea", None),
        ("没意见", None),
    ],
)
def test_a_choice_of_yes_and_no_and_more(said: str, meant: str | None) -> None:
    assert choose(said, SURE) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("it is not working", "broken"),
        ("现在不工作", "broken"),
        ("working", "works"),
        ("it isn't working", None),
        ("a loud noise", "noisy"),
        ("噪音", "noisy"),
    ],
)
def test_words_within_the_words_of_another_answer(said: str, meant: str | None) -> None:
    assert choose(said, WORKS) == meant


LIT = YesNoQuestion(kind="yes_no", text=Text(en="Is it lit?", zh="电源灯亮了吗？"), variable="lit", yes="a", no="a")
TRIED = YesNoQuestion(kind="yes_no", text=Text(en="Tried?", zh="您试过重启吗？"), variable="t", yes="a", no="a")
UNLIT = YesNoQuestion(kind="yes_no", text=Text(en="Is it unlit?", zh="灯不亮吗？"), variable="u", yes="a", no="a")
WHETHER = YesNoQuestion(kind="yes_no", text=Text(en="Plugged?", zh="是否插好电源？"), variable="w", yes="a", no="a")


@pytest.mark.parametrize(
    "said",
    words(
        "yes|Yes.|YEAH|yep, it is|sure|ok|okay thanks|of course|yes please|oh yes|y|no problem|yes it is red"
        "|是|是的|是的。|对|嗯|好的|好的，谢谢|没错|没问题|当然可以|有|可以|嗯，是的|亮|亮了|亮的|现在亮了|ＹＥＳ"
        "|Yes, it's on"
    ),
)
def test_yes(said: str) -> None:
    assert read_answer(LIT, said) == "yes"


@pytest.mark.parametrize(
    "said",
    words(
        "no|No.|nope|nah|not yet|no, sorry|not really|no it is red|it isn’t|it is not|n|never|no thanks"
        "|不|不是|没有|没|还没|还没有|不行|否|没有呢|不是，是红的|不亮|没亮|没有亮|还没亮|都没有"
    ),
)
def test_no(said: str) -> None:
    assert read_answer(LIT, said) == "no"


@pytest.mark.parametrize(
    "said",
    words(
        "|maybe|not sure|yes and no|yes, no, wait|yes but it is not bright|no, yes|no it is yes|is it?|what lamp|why?"
        "|也许|不确定|不知道|是不是|是吗？|是的，不是|是的不对|对不起，好了|什么灯|灯|电源灯|闪烁|不闪烁|。"
    ),
)
def test_neither_yes_nor_no(said: str) -> None:
    assert read_answer(LIT, said) is None


def test_an_echoed_verb() -> None:
    assert [read_answer(TRIED, said) for said in ("试过", "试过了", "没试过", "重启", "您")] == [
        "yes", "yes", "no", "yes", None
    ]  # fmt: skip
    assert [read_answer(WHETHER, said) for said in ("插好", "插好了", "没插好")] == ["yes", "yes", "no"]
    either = LIT.model_copy(update={"text": Text(en="x", zh="灯亮不亮？")})
    assert [read_answer(either, said) for said in ("亮", "不亮")] == ["yes", "no"]
    assert read_answer(UNLIT, "不亮") is None  # "no" or "unlit"?
    assert read_answer(LIT.model_copy(update={"text": Text(en="x", zh="灯亮还是灭？")}), "亮") is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("fixed!", "yes"),
        ("yes, it works now", "yes"),
        ("解决了", "yes"),
        ("可以了，谢谢", "yes"),
        ("还是不行", "no"),
        ("没用", "no"),
        ("still not working", "no"),
        ("no change, sorry", "no"),
        ("is it fixed?", None),
        ("it helped, still broken", None),
        ("我想退货", None),
    ],
)
def test_whether_it_helped(said: str, meant: str | None) -> None:
    step = Instruction(kind="instruction", text=WORDS, helped=Helped(yes="a", no="b"))
    assert read_answer(step, said) == meant
    assert [step.next(value) for value in ("yes", "no")] == ["a", "b"]


@pytest.mark.parametrize(
    ("said", "done"),
    [
        *((said, True) for said in words("done|ok|Finished.|I've plugged it in|next please|yes|i did")),
        *((said, True) for said in words("好了|完成了|插好了|已经做完了|继续|试过了|嗯")),
        *((said, False) for said in words("not done|no|wait|how?|I haven't|i've not done it|is it done?")),
        *((said, False) for said in words("没插好|还没有|怎么做|等一下|不好了|好了吗")),
    ],
)
def test_whether_it_is_done(said: str, done: bool) -> None:
    step = Instruction(kind="instruction", text=WORDS, then="a")
    assert read_answer(step, said) == ("done" if done else None)


MINUTES = Phrases(en=("minutes", "min"), zh=("分钟", "分"))
HOURS = Phrases(en=("hours",), zh=("小时",))


@pytest.mark.parametrize(
    ("said", "unit", "value"),
    [
        ("5", MINUTES, 5),
        ("about 5 minutes", MINUTES, 5),
        ("5min", MINUTES, 5),
        ("5 mins ago", MINUTES, 5),
        ("1 minute", MINUTES, 1),
        ("a minute", MINUTES, 1),
        ("twenty-five, I think", MINUTES, 25),
        ("1,200", MINUTES, 1200),
        ("2.5", MINUTES, 2.5),
        ("十分钟", MINUTES, 10),
        ("大概二十五分钟吧", MINUTES, 25),
        ("差不多 20 分钟", MINUTES, 20),
        ("３０", MINUTES, 30),
        ("三十左右", MINUTES, 30),
        ("半分钟", MINUTES, 0.5),
        ("half an hour", HOURS, 0.5),
        ("an hour", HOURS, 1),
        ("two and a half hours", HOURS, 2.5),
        ("两个半小时", HOURS, 2.5),
        ("两小时半", HOURS, 2.5),
        ("两个小时", HOURS, 2),
        ("none", MINUTES, 0),
        ("没有", None, 0),
        ("-5", None, -5),
        ("minus 5", None, -5),
        ("零下五度", None, -5),
        ("百分之五十", Phrases(en=("%",), zh=("%",)), 50),
        ("50 %", Phrases(en=("percent", "%"), zh=("%",)), 50),
        ("3 times", None, 3),
        ("三次", None, 3),
        ("我试了两次", None, 2),
        # Another unit, several numbers, no exact one, a question: not read.
        ("2 hours", MINUTES, None),
        ("5 months", MINUTES, None),
        ("两小时", MINUTES, None),
        ("百分之五", MINUTES, None),
        ("1 hour 30 minutes", MINUTES, None),
        ("5-10", MINUTES, None),
        ("5 or 6", MINUTES, None),
        ("五六分钟", MINUTES, None),
        ("十几分钟", MINUTES, None),
        ("more than 10", MINUTES, None),
        ("超过十分钟", MINUTES, None),
        ("10分钟以上", MINUTES, None),
        ("why 5 minutes?", MINUTES, None),
        ("为什么是五分钟？", None, None),
        ("一直在闪", None, None),
        ("long", MINUTES, None),
        ("很久", MINUTES, None),
        ("", MINUTES, None),
        ("9" * 400, None, None),
    ],
)
def test_a_number(said: str, unit: Phrases | None, value: float | None) -> None:
    step = NumberQuestion(kind="number", text=WORDS, variable="n", unit=unit, then="a")
    assert read_answer(step, said) == value


def test_a_number_out_of_range() -> None:
    step = NumberQuestion(kind="number", text=WORDS, variable="n", min=1, max=60, then="a")
    assert [read_answer(step, said) for said in ("0", "1", "60", "六十一")] == [None, 1, 60, None]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("二〇二六", [2026]),
        ("一百二", [120]),
        ("一百零二", [102]),
        ("两千三百", [2300]),
        ("一万两千", [12000]),
        ("两万三", [23000]),
        ("万", [10000]),
        ("2万", [20000]),
        ("3百", [300]),
        ("三点一四", [3.14]),
        ("一二三", [123]),
        ("二十三四", [None]),
        ("十五六", [None]),
        ("一半", [0.5]),
        ("一些", []),
        ("one hundred and five", [105]),
        ("a hundred", [100]),
        ("hundred", [100]),
        ("ninety nine", [99]),
        ("five six", [None]),
        ("twenty thirty", [None]),
        ("someone", []),
        ("12345678901234567890", [12345678901234567890.0]),
        ("-3 to -1", [-3, -1]),
        ("5-3", [5, 3]),
    ],
)
def test_numerals(text: str, values: list[float | None]) -> None:
    assert [found.value for found in numerals(text)] == pytest.approx(values)


def test_a_text() -> None:
    step = TextQuestion(kind="text", text=WORDS, variable="model", then="a")
    assert [read_answer(step, said) for said in (" HX-1 ", "型号 二", "  ", "?!", "。")] == [
        "HX-1", "型号 二", None, None, None
    ]  # fmt: skip
    assert not step.fits(3)


def test_what_is_said_to_a_misfit() -> None:
    choice = ChoiceQuestion(kind="choice", text=WORDS, variable="lamp", answers=LAMP)
    assert "1. Blinking red; 2. Steady red; 3. Not lit." in misfit(choice, "en")
    assert "1. 红灯闪烁；2. 红灯常亮；3. 不亮。" in misfit(choice, "zh")
    number = NumberQuestion(kind="number", text=WORDS, variable="n", unit=MINUTES, min=1, max=60, then="a")
    assert misfit(number, "en") == "Please answer with one number in minutes, from 1 to 60."
    assert misfit(number, "zh") == "请用一个数字（单位：分钟）回答，范围是1到60。"
    low, high = number.model_copy(update={"max": None}), number.model_copy(update={"min": None, "unit": None})
    assert misfit(low, "en") == "Please answer with one number in minutes, 1 or more."
    assert misfit(high, "zh") == "请用一个数字回答，不大于60。"
    assert misfit(high.model_copy(update={"max": None}), "other") == "Please answer with one number."
    steps = [
        LIT,
        TextQuestion(kind="text", text=WORDS, variable="m", then="a"),
        Instruction(kind="instruction", text=WORDS, then="a"),
        Instruction(kind="instruction", text=WORDS, helped=Helped(yes="a", no="b")),
    ]
    for language, sign in (("en", "Please"), ("zh", "请")):
        reasons = {misfit(step, language) for step in steps}
        assert len(reasons) == 4
        assert all(sign in reason for reason in reasons)


def test_what_is_known() -> None:
    number = NumberQuestion(kind="number", text=WORDS, variable="n", max=9, then="a")
    assert [known_answer(LIT, value) for value in (True, False, "yes", "没有", 1, "red")] == [
        "yes", "no", "yes", "no", None, None
    ]  # fmt: skip
    assert [known_answer(number, value) for value in (3, 3.5, "三", 10, True, float("nan"))] == [
        3, 3.5, 3, None, None, None
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ({"variable": "a", "is": "red"}, {"a": "red"}, True),
        ({"variable": "a", "is": "HX-1"}, {"a": "ｈｘ-1 "}, True),
        ({"variable": "a", "is": "红"}, {"a": "绿"}, False),
        ({"variable": "a", "is": "red"}, {}, False),
        ({"not": {"variable": "a", "is": "red"}}, {}, True),
        ({"variable": "a", "in": ["红", "绿"]}, {"a": "绿"}, True),
        ({"variable": "a", "is": 3}, {"a": 3.0}, True),
        ({"variable": "a", "in": [1, 2]}, {"a": 3}, False),
        ({"variable": "a", "at_least": 3}, {"a": 3}, True),
        ({"variable": "a", "at_least": 3}, {"a": 2.9}, False),
        ({"variable": "a", "at_most": 3}, {"a": 3}, True),
        ({"variable": "a", "at_most": 3}, {"a": 4}, False),
        ({"all": [{"variable": "a", "is": 1}, {"variable": "b", "is": 2}]}, {"a": 1, "b": 2}, True),
        ({"all": [{"variable": "a", "is": 1}, {"variable": "b", "is": 2}]}, {"a": 1}, False),
        ({"any": [{"variable": "a", "is": 1}, {"variable": "b", "is": 2}]}, {"b": 2}, True),
        ({"any": [{"variable": "a", "is": 1}, {"not": {"variable": "b", "is": 2}}]}, {"b": 2}, False),
    ],
)
def test_conditions(condition: dict[str, object], values: dict[str, Value], holds: bool) -> None:
    assert Condition.model_validate(condition).holds(values) is holds
