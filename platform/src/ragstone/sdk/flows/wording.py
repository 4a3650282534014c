"""What the engine itself says to people, in both languages."""

from ragstone.sdk.flows.model import Text

YES = Text(en="Yes", zh="是")
NO = Text(en="No", zh="否")
HELPED = Text(en="Yes, it helped", zh="有用，解决了")
HELPED_NOT = Text(en="No, it did not help", zh="没有用")
DONE = Text(en="Done", zh="完成了")

WHICH = Text(
    en="I could not match that to one of the answers. Please choose one: {options}.",
    zh="没能对应到其中一个答案。请选择一项：{options}。",
)
YES_OR_NO = Text(en="Please answer yes or no.", zh="请回答“是”或“否”。")
HAS_IT_HELPED = Text(en="Please tell me whether it helped: yes or no.", zh="请告诉我是否有用：“有用”或“没有用”。")
SAY_DONE = Text(en="Please tell me when it is done.", zh="完成后请告诉我。")
ONE_NUMBER = Text(en="Please answer with one number{unit}{range}.", zh="请用一个数字{unit}回答{range}。")
IN_UNIT = Text(en=" in {unit}", zh="（单位：{unit}）")
BETWEEN = Text(en=", from {min} to {max}", zh="，范围是{min}到{max}")
FROM = Text(en=", {min} or more", zh="，不小于{min}")
UP_TO = Text(en=", {max} or less", zh="，不大于{max}")
SOME_WORDS = Text(en="Please answer in a few words.", zh="请用几个字回答。")
NOT_ASKED = Text(
    en="That has not been asked yet, so there is nothing to correct.", zh="这个问题还没有问到，所以没有可以更正的回答。"
)
