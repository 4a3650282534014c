"""What is kept of users: listed, read, corrected, deleted, and nothing of it left on the disk."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ragstone.errors import UsageError, UserStoreError
from ragstone.users import store as module
from ragstone.users.store import UserStore


@pytest.fixture
def store(tmp_path: Path) -> UserStore:
    return UserStore(tmp_path / "deep" / "users.sqlite")


@pytest.mark.parametrize(("user", "value"), [("ana", "tea"), ("用户7", "咖啡")])
def test_values_and_history_come_back(store: UserStore, user: str, value: str) -> None:
    store.remember(user, "shop", {"drink": value, "many": [1, 2]})
    store.remember(user, "shop", {"drink": f"{value}2"})
    store.note(user, "shop", "en/faq.csv#faq-001", "approved")
    store.note(user, "shop", "保修", "handoff")
    record = store.read(user)
    assert record.profiles == {"shop": {"drink": f"{value}2", "many": [1, 2]}}
    assert [(item.topic, item.outcome) for item in record.history["shop"]] == [
        ("en/faq.csv#faq-001", "approved"),
        ("保修", "handoff"),
    ]
    assert store.users() == [user]


def test_users_are_apart(store: UserStore) -> None:
    store.remember("a", "shop", {"drink": "tea"})
    store.note("b", "shop", "t", "o")
    assert store.users() == ["a", "b"]
    assert store.read("b").profiles == {}
    assert store.read("nobody").history == {}


def test_a_value_is_forgotten(store: UserStore) -> None:
    store.remember("a", "shop", {"drink": "tea", "size": "L"})
    assert store.forget("a", "shop", "drink")
    assert not store.forget("a", "shop", "drink")
    assert store.read("a").profiles == {"shop": {"size": "L"}}


@pytest.mark.parametrize("secret", ["lapsang souchong", "正山小种"])
def test_deleting_leaves_nothing_on_the_disk(store: UserStore, tmp_path: Path, secret: str) -> None:
    store.remember("a", "shop", {"drink": secret})
    store.note("a", "shop", "t", "o")
    store.remember("b", "shop", {"drink": "water"})
    assert secret.encode() in (tmp_path / "deep" / "users.sqlite").read_bytes()
    receipt = store.delete("a")
    assert (receipt.values, receipt.items, receipt.left) == (1, 1, 0)
    assert store.users() == ["b"]
    for path in (tmp_path / "deep").iterdir():
        assert secret.encode() not in path.read_bytes()


def test_all_values_or_none(store: UserStore) -> None:
    with pytest.raises(UsageError, match="Field 'card' of a user must not be kept: it looks like payment data") as told:
        store.remember("a", "shop", {"drink": "tea", "card": "4111 1111 1111 1111"})
    assert "4111" not in str(told.value)
    assert store.users() == []


@pytest.mark.parametrize("text", ["my kettle leaks", "我的水壶漏水 了", ""])
def test_history_holds_no_text(store: UserStore, text: str) -> None:
    with pytest.raises(UsageError, match="keeps ids of topics"):
        store.note("a", "shop", text, "handoff")


@pytest.mark.parametrize("topic", ["我的密码是hunter2", "4111111111111111", "患者糖尿病"])
def test_history_holds_nothing_forbidden(store: UserStore, topic: str) -> None:
    with pytest.raises(UsageError, match="must not be kept") as told:
        store.note("a", "shop", topic, "handoff")
    assert topic not in str(told.value)
    assert store.users() == []


@pytest.mark.parametrize("user", ["", "two words", "用 户", "x" * 129, "a\nb"])
def test_a_user_without_an_id(store: UserStore, user: str) -> None:
    with pytest.raises(UsageError, match="A user's id has 1 to 128"):
        store.remember(user, "shop", {"drink": "tea"})


def test_the_history_has_an_end(store: UserStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_HISTORY", 3)
    for number in range(5):
        store.note("a", "shop", f"t{number}", "o")
        store.note("a", "other", f"t{number}", "o")
    history = store.read("a").history
    assert [item.topic for item in history["shop"]] == ["t2", "t3", "t4"]
    assert len(history["other"]) == 3


def test_the_file_is_private(store: UserStore, tmp_path: Path) -> None:
    store.remember("a", "shop", {"drink": "tea"})
    assert stat.S_IMODE((tmp_path / "deep" / "users.sqlite").stat().st_mode) == 0o600


def test_threads_share_it(store: UserStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.remember(f"u{number}", "shop", {"n": number}), range(40)))
    assert len(store.users()) == 40


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "users.sqlite"
    path.write_text("nothing" * 200)
    with pytest.raises(UserStoreError, match="cannot be used"):
        UserStore(path).users()


@pytest.mark.skipif(os.name == "nt", reason="folders are closed otherwise there")
def test_a_place_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserStoreError, match="cannot be used"):
        UserStore(tmp_path / "file" / "users.sqlite").users()
