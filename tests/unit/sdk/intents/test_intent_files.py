"""Intent files: read whole, or refused with every fault."""

from pathlib import Path

import pytest

from ragstone.errors import PluginError
from ragstone.sdk.intents import Action, load_intents

GOOD = """
[cancel-order]
title = { en = "Cancel an order", zh = "取消订单" }
action = { kind = "flow", target = "cancel-order" }
examples.en = ["cancel my order", "I do not want it any more"]
examples.zh = ["取消订单", "我不想要了"]

[opening_hours]
title = { en = "Opening hours", zh = "营业时间" }
examples.en = ["when are you open", "opening hours"]
examples.zh = ["几点开门", "营业时间"]
"""


def load(folder: Path, **files: str):
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_intents(folder)


def test_reads_every_intent_of_every_file(tmp_path: Path):
    more = GOOD.replace("cancel-order", "return-order").replace("opening_hours", "address")
    more = (
        more.replace("cancel my", "return my").replace("any more", "now").replace("取消", "退回").replace("想要", "要")
    )
    more = more.replace("when are you", "where are you").replace("opening hours", "address")
    more = more.replace("几点开门", "在哪里").replace("营业时间", "地址")
    found = load(tmp_path, one="\ufeff" + GOOD, two=more)
    assert list(found) == ["cancel-order", "opening_hours", "return-order", "address"]
    assert found["cancel-order"].action == Action(kind="flow", target="cancel-order")
    assert found["opening_hours"].action is None
    assert found["opening_hours"].title.zh == "营业时间"
    assert found["opening_hours"].examples.all() == ("when are you open", "opening hours", "几点开门", "营业时间")


def test_no_folder_has_no_intents(tmp_path: Path):
    assert load_intents(tmp_path / "intents") == {}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[cancel-order]", "[Cancel]", "one.toml [Cancel]: a name is made of"),
        ('title = { en = "Cancel an order", zh = "取消订单" }', "", "[cancel-order] title: it is missing"),
        (', zh = "取消订单"', "", "[cancel-order] title.zh: it is missing"),
        ('"Cancel an order"', '" "', "[cancel-order] title.en: it is blank"),
        ('["取消订单", "我不想要了"]', '["取消订单"]', "[cancel-order] examples.zh: two examples at least"),
        ('"cancel my order"', '""', "[cancel-order] examples.en.0: it is blank"),
        ('"cancel my order"', "7", "[cancel-order] examples.en.0: Input should be a valid string"),
        ('kind = "flow"', 'kind = "email"', "[cancel-order] action.kind: Input should be 'flow', 'faq' or 'handoff'"),
        ("action = {", "deed = {", "[cancel-order] deed: it is not known here"),
        ('"when are you open"', '"Cancel my order!"', "[opening_hours] examples.en.0: [cancel-order] has it too"),
        ('"几点开门"', '"取消 订单。"', "[opening_hours] examples.zh.0: [cancel-order] has it too"),
        ("[cancel-order]", "cancel = 1\n[cancel-order]", "[cancel]: it should be a table"),
        ('"营业时间"]', '"营业时间"', "one.toml: it is not TOML"),
    ],
)
def test_tells_what_is_wrong(tmp_path: Path, old: str, new: str, told: str):
    assert old in GOOD
    with pytest.raises(PluginError) as caught:
        load(tmp_path, one=GOOD.replace(old, new, 1))
    assert told in str(caught.value)


def test_tells_all_faults_at_once(tmp_path: Path):
    (tmp_path / "latin.toml").write_bytes(b"\xff")
    (tmp_path / "folder.toml").mkdir()
    one = GOOD.replace('"取消订单" }', '"" }').replace('"when are you open", ', "")
    with pytest.raises(PluginError, match=r"\(6\)") as caught:
        load(tmp_path, one=one, two=GOOD.replace("opening_hours", "cancel-order-2"), zero="[x]")
    told = str(caught.value)
    for part in ("folder.toml", "latin.toml", "[cancel-order] title.zh", "[opening_hours] examples.en", "[x] title"):
        assert part in told


def test_an_intent_stands_in_one_file(tmp_path: Path):
    with pytest.raises(PluginError, match=r"two.toml \[opening_hours\]: another file has this intent too"):
        load(tmp_path, one=GOOD, two=GOOD)


def test_one_example_may_stand_twice_in_one_intent(tmp_path: Path):
    assert load(tmp_path, one=GOOD.replace('"I do not want it any more"', '"Cancel my order."'))
