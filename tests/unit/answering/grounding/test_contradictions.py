"""What a sentence states and its source does not bear out, in English and Chinese."""

import pytest

from ragstone.answering.grounding.contradictions import contradictions
from ragstone.answering.grounding.source import Source

SHOP_EN = '{"name": "A", "attributes": {"WiFi": "no", "OutdoorSeating": true}}'
SHOP_ZH = '{"name": "A", "attributes": {"无线网络": "否", "停车场": "有"}}'


def found(sentence: str, source: str) -> list[tuple[str, str]]:
    return [(item.kind, sentence[item.start : item.end]) for item in contradictions(sentence, Source.of([source]))]


@pytest.mark.parametrize(
    ("sentence", "source", "expected"),
    [
        ("The lamp uses 60 W.", "The lamp uses 40 W.", ("number", "60")),
        ("这盏灯的功率是60瓦。", "这盏灯的功率是40瓦。", ("number", "60")),
        ("It costs 1,200 dollars.", "It costs 120 dollars.", ("number", "1,200")),
        ("售价1,200元。", "售价120元。", ("number", "1,200")),
        ("The dose is 500 g.", "The dose is 500 mg.", ("number", "500")),
        ("剂量是500克。", "剂量是500毫克。", ("number", "500")),
        ("You have thirty days.", "You have 14 days.", ("number", "You have thirty days.")),
        ("您有三十天。", "您有14天。", ("number", "您有三十天。")),
        ("Code E-18 means blocked.", "Code E-17 means blocked.", ("code", "E-18")),
        ("代码E-18表示堵塞。", "代码E-17表示堵塞。", ("code", "E-18")),
        ("Use a filter by Bosch.", "Use a filter by Siemens.", ("name", "Bosch")),
        ("请使用Bosch的滤网。", "请使用西门子的滤网。", ("name", "Bosch")),
        ("It closes at 9 PM.", "It closes at 8 PM.", ("time", "9 PM.")),
        ("晚上九点关门。", "20:00关门。", ("time", "晚上九点")),
        ("It closes at 9 PM.", "It closes in the evening.", ("time", "9 PM.")),
        ("晚上9点关门。", "傍晚之后关门。", ("time", "晚上9点")),
        ("It opened on March 6, 2020.", "It opened on 5 March 2020.", ("date", "March 6, 2020")),
        ("商店于2020年3月6日开业。", "商店于2020年3月5日开业。", ("date", "2020年3月6日")),
        ("It opened on March 6.", "It opened in spring.", ("date", "March 6")),
        ("商店于3月6日开业。", "商店在春天开业。", ("date", "3月6日")),
        ("Shoes may not be returned.", "Shoes may be returned.", ("negation", "Shoes may not be returned.")),
        ("鞋子不可以退货。", "鞋子可以退货。", ("negation", "鞋子不可以退货。")),
        ("Shoes may be returned.", "Shoes may never be returned.", ("negation", "Shoes may be returned.")),
        ("鞋子可以退货。", "鞋子不可以退货。", ("negation", "鞋子可以退货。")),
        ("It has WiFi.", SHOP_EN, ("attribute", "It has WiFi.")),
        ("它有无线网络。", SHOP_ZH, ("attribute", "它有无线网络。")),
        ("There is no outdoor area, but staff.", SHOP_EN, ("attribute", "There is no outdoor area")),
        ("它没有停车场，但员工友好。", SHOP_ZH, ("attribute", "它没有停车场")),
    ],
)
def test_one_contradiction(sentence: str, source: str, expected: tuple[str, str]) -> None:
    assert found(sentence, source) == [expected]


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The lamp uses forty watts.", "The lamp uses 40 W."),
        ("灯的功率是四十瓦。", "灯的功率是40 W。"),
        ("It closes at 20:00.", "It closes at 8 PM."),
        ("它20:00关门。", "它晚上八点关门。"),
        ("It is open from 8 AM to 10 PM.", "It is open 08:00-22:00."),
        ("营业时间为上午8点到晚上10点。", "营业时间：08:00-22:00。"),
        ("It is open from 9 AM to 5 PM.", "It is open from 9 to 5."),
        ("营业时间为上午9点到下午5点。", "营业时间为9到5。"),
        ("It opened on March 5.", "It opened on 2020-03-05."),
        ("商店于三月五日开业。", "商店于2020年3月5日开业。"),
        ("Shoes may not be returned.", "Shoes cannot be returned."),
        ("鞋子不可以退货。", "鞋子禁止退货。"),
        ("It is not only cheap.", "It is cheap."),
        ("有无线网络。", "设有网络，是无线的。"),
        ("No WiFi, but an outdoor area.", SHOP_EN),
        ("没有无线网络，但有停车场。", SHOP_ZH),
        ("Shoes may not be returned.", "A lamp uses 40 W."),
        ("鞋子不可以退货。", "这盏灯的功率是40瓦。"),
        ("!", "Shoes may be returned."),
        ("！", "鞋子可以退货。"),
    ],
)
def test_no_contradiction(sentence: str, source: str) -> None:
    assert found(sentence, source) == []


def test_several_come_in_the_order_of_the_text() -> None:
    sentence = "It weighs 7 kg and closes at 9 PM on Code E-18."
    kinds = [kind for kind, _ in found(sentence, "It weighs 6 kg and closes at 8 PM on code E-17.")]
    assert kinds == ["number", "time", "code"]
    assert found("重7公斤，晚上9点关门。", "重6公斤，晚上8点关门。") == [("number", "7"), ("time", "晚上9点")]


def test_an_attribute_is_named_as_in_the_source() -> None:
    (item,) = contradictions("It has WiFi.", Source.of([SHOP_EN]))
    assert item.text == "attributes.WiFi"


def test_a_number_that_normalisation_moves_marks_the_sentence() -> None:
    assert found("It holds ½ and 60 W.", "It holds ½ and 40 W.") == [("number", "It holds ½ and 60 W.")]
    assert found("㎏以60瓦计。", "㎏以40瓦计。") == [("number", "㎏以60瓦计。")]
