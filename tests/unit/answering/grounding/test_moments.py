"""Times of day and dates are the same however they are written."""

import pytest

from ragstone.answering.grounding.moments import Date, dates, times


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("It closes at 8 PM.", "20:00"),
        ("It closes at 8 p.m. on Friday.", "20:00"),
        ("It closes at 8:30pm", "20:30"),
        ("It closes at 20:00", "20:00"),
        ("It closes at midnight", "00:00"),
        ("It closes at 24:00", "00:00"),
        ("Lunch begins at noon", "12:00"),
        ("12 pm", "12:00"),
        ("12:30 am", "00:30"),
        ("晚上8点关门", "20:00"),
        ("晚上八点关门", "20:00"),
        ("晚8点关门", "20:00"),
        ("下午3点半", "15:30"),
        ("下午三点半", "15:30"),
        ("上午10点30分", "10:30"),
        ("上午十点三十分", "10:30"),
        ("中午12点", "12:00"),
        ("中午1点", "13:00"),
        ("晚上12点", "00:00"),
        ("凌晨12点", "00:00"),
        ("凌晨2时", "02:00"),
        ("晚上20点关门", "20:00"),
        ("下午15:30", "15:30"),
        ("２０：００关门", "20:00"),
        ("正午", "12:00"),
        ("午夜", "00:00"),
    ],
)
def test_times_of_day(text: str, clock: str) -> None:
    hour, minute = map(int, clock.split(":"))
    ((found, (start, end)),) = times(text).items()
    assert found == 60 * hour + minute
    assert text[start:end].strip()


@pytest.mark.parametrize(
    "text",
    [
        "It took 8 hours.",
        "5 amps",
        "at 3",
        "2.5 pm",
        "won 93:89",
        "以93:89获胜",
        "收于3207.57点",
        "用了8小时",
        "有一点贵",
        "第3点",
        "20时间",
        "提两点建议",
    ],
)
def test_no_times_of_day(text: str) -> None:
    assert times(text) == {}


def test_the_first_mention_is_told() -> None:
    assert times("8 PM, that is 20:00") == {1200: (0, 4)}
    assert times("晚上8点，即20:00") == {1200: (0, 4)}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("on March 5, 2020", Date(3, 5, 2020)),
        ("on Mar. 5th", Date(3, 5)),
        ("the 5th of March 2020", Date(3, 5, 2020)),
        ("5 March", Date(3, 5)),
        ("on May 12", Date(5, 12)),
        ("on 2020-03-05", Date(3, 5, 2020)),
        ("on 2020/3/5", Date(3, 5, 2020)),
        ("2020年3月5日", Date(3, 5, 2020)),
        ("3月5号", Date(3, 5)),
        ("三月五日", Date(3, 5)),
        ("十二月三十一日", Date(12, 31)),
        ("二〇二〇年三月五日", Date(3, 5, 2020)),
    ],
)
def test_dates(text: str, date: Date) -> None:
    ((found, (start, end)),) = dates(text).items()
    assert found == date
    assert text[start:end] in text.removeprefix("on ")


@pytest.mark.parametrize(
    "text", ["in March 2020", "13月40日", "2020-13-45", "may 5 of them", "2020年3月", "三个月", "0月5日"]
)
def test_no_dates(text: str) -> None:
    assert dates(text) == {}


def test_a_date_without_a_year_fits_every_year() -> None:
    assert Date(3, 5).fits(Date(3, 5, 2020))
    assert Date(3, 5, 2020).fits(Date(3, 5))
    assert not Date(3, 5, 2021).fits(Date(3, 5, 2020))
    assert not Date(3, 6).fits(Date(3, 5, 2020))
