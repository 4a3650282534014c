"""What a sentence commits itself to must stand in its source."""

import pytest

from ragstone.answering.facts import missing


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("You have 30 days.", "Returns are accepted within 30 days of delivery."),
        ("You have thirty days.", "Returns are accepted within 30 days."),
        ("三十天内可以退货。", "自签收之日起30天内可以退货。"),
        ("保修期为两年。", "整机保修2年。"),
        ("It costs £1,200.", "The price is £1200."),
        ("It costs 1200 pounds.", "The price is £1,200."),
        ("价格为1200元。", "售价￥1200。"),
        ("Take 0.5 g.", "A dose of 0.5 g is usual."),
        ("每次500毫克。", "常用量为每次 500 mg。"),
        ("The dose is 500 mg.", "| Dose (mg) | 500 |"),
        ("Error E-17 means a blocked brush.", "E-17: brush blocked"),
        ("错误代码E-17表示滚刷被缠住。", "E-17：滚刷缠绕"),
        ("The Hub uses Wi-Fi.", "The hub joins your Wi-Fi network."),
        ("About 95% of intervals.", "95 percent of such intervals"),
        ("约95%的区间。", "大约９５％的区间"),
        ("一共二十一次。", "一共21次。"),
        ("Clean it.", "Clean it every week."),
    ],
)
def test_facts_that_stand_in_the_source(claim: str, source: str) -> None:
    assert missing(claim, source) == ()


@pytest.mark.parametrize(
    ("claim", "source", "lacking"),
    [
        ("You have 60 days.", "Returns are accepted within 30 days.", "60 day"),
        ("六十天内可以退货。", "30天内可以退货。", "60 day"),
        ("Take 500 g.", "Take 500 mg.", "500 g"),
        ("每次500克。", "每次500毫克。", "500 g"),
        ("It lasts 2 years.", "It lasts 2 months.", "2 year"),
        ("保修两年。", "保修两个月。", "2 year"),
        ("It costs $30.", "It costs £30.", "30 dollar"),
        ("Take 0.125 mg.", "Take 125 mg.", "0.125 mg"),
        ("每日0.125毫克。", "每日125毫克。", "0.125 mg"),
        ("Error E-18 means this.", "E-17: brush blocked", "e-18"),
        ("错误代码E-18。", "E-17：滚刷缠绕", "e-18"),
        ("The answer is Bonferroni here.", "Use the Holm method.", "bonferroni"),
        ("The median is 12.5.", "The median is 12.", "12.5"),
    ],
)
def test_facts_that_do_not(claim: str, source: str, lacking: str) -> None:
    assert lacking in missing(claim, source)
