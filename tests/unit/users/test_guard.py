"""What must never be kept of a user, and what may."""

from typing import Any

import pytest

from ragstone.users.guard import forbidden, masked


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("my password is swordfish", "a credential"),
        ("我的密码是芝麻开门", "a credential"),
        ("短信验证码 482913", "a credential"),
        ("CVV 123", "a credential"),
        ("sk-abcdefghijklmnop1234", "a credential"),
        ("4111 1111 1111 1111", "payment data"),
        ("卡号４１１１１１１１１１１１１１１１", "payment data"),
        ("6222021234567890128", "payment data"),
        ("GB82 WEST 1234 5698 7654 32", "payment data"),
        ("11010519491231002X", "an identity number"),
        ("身份证110105194912310021X", ""),
        ("078-05-1120", "an identity number"),
        ("I have diabetes", "health data"),
        ("对青霉素过敏", "health data"),
        ({"note": ["fine", {"deep": "怀孕"}]}, "health data"),
        ({"password": "x"}, "a credential"),
        ("Tidy R2", ""),
        ("早上联系", ""),
        ("call after 18:00", ""),
        ("4111 1111 1111 1112", ""),
        ("0000000000000000", ""),
        ("13800138000", ""),
        ("GB82 WEST 1234 5698 7654 33", ""),
        (True, ""),
        (None, ""),
        (["tea", "咖啡"], ""),
    ],
)
def test_what_is_refused(value: Any, kind: str) -> None:
    assert forbidden(value) == kind


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("My password is swordfish, help", "My password is [a credential], help"),
        ("密码是abc123，打不开", "密码是[a credential],打不开"),
        ("card 4111-1111-1111-1111 was charged twice", "card [payment data] was charged twice"),
        ("身份证11010519491231002X和卡6222021234567890128", "身份证[an identity number]和卡[payment data]"),
        ("验证码 482913 收不到", "验证码 [a credential] 收不到"),
        ("I forgot my password", "I forgot my password"),
        ("password hunter2 does not work", "password [a credential] does not work"),
        ("密码123456不对", "密码[a credential]不对"),
        ("My password is: hunter2", "My password is: [a credential]"),
        ("passcode is 1234 5678", "passcode is [a credential]"),
        ("4111.1111.1111.1111", "[payment data]"),
        ("IBAN DE89 3704 0044 0532 0130 00 AND MORE", "IBAN [payment data] AND MORE"),
        ("我对奶粉过敏，订单 20261124001", "我对奶粉过敏,订单 20261124001"),
    ],
)
def test_what_people_read_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
