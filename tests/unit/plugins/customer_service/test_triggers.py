"""When a person is offered: asked for in many words, and topics that a machine does not settle."""

import pytest

from ragstone_customer_service.handoff.triggers import asks_for_a_person, policy_topic


@pytest.mark.parametrize(
    "text",
    [
        "I want to speak to a human",
        "Can I talk to someone from your team?",
        "Please connect me with an agent.",
        "get me a real person",
        "Agent!",
        "let me reach a member of staff",
        "转人工",
        "我要人工客服",
        "请转接客服",
        "能不能找个客服跟我说",
        "我想找你们经理",
        "有没有真人",
        "ｇｅｔ　ｍｅ　ａ　ｈｕｍａｎ",
    ],
)
def test_somebody_is_asked_for(text: str) -> None:
    assert asks_for_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "How long may I return a kettle?",
        "Is the agent that cleans the machine safe?",
        "I don't want to talk to a human",
        "Someone told me the warranty is two years",
        "多少天内可以退货？",
        "不要转人工，告诉我怎么退货",
        "人工智能功能怎么开启？",
        "客服电话是多少？",
    ],
)
def test_nobody_is_asked_for(text: str) -> None:
    assert not asks_for_a_person(text)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("There is smoke coming out of my Ember T1", "safety"),
        ("I got an  ELECTRIC shock", "safety"),
        ("机器冒烟了", "safety"),
        ("孩子误吞了电池", "safety"),
        ("my lawyer will call you", "law"),
        ("我要打12315", "law"),
        ("please delete my data", "privacy"),
        ("请删除我的个人信息", "privacy"),
        ("I did not place this order", "fraud"),
        ("我的卡被盗刷了", "fraud"),
    ],
)
def test_topics_for_people(text: str, topic: str) -> None:
    found = policy_topic(text)
    assert found is not None
    assert found.name == topic
    assert set(found.titles) == {"en", "zh"}


@pytest.mark.parametrize(
    "text",
    ["How do I descale the machine?", "the smoked glass lid", "courtyard delivery", "怎么除垢？", "发票怎么开？"],
)
def test_topics_for_the_machine(text: str) -> None:
    assert policy_topic(text) is None
