"""The user store: one SQLite file, private to the account that runs the host.

It is context, not authorisation: nothing in it ever widens what a user may read.
"""

import json
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ragstone.errors import UsageError, UserStoreError
from ragstone.users.guard import forbidden
from ragstone.users.records import Erased, HistoryItem, UserId, UserRecord

_TABLES = """
CREATE TABLE IF NOT EXISTS profile (user TEXT, plugin TEXT, field TEXT, value TEXT, PRIMARY KEY (user, plugin, field));
CREATE TABLE IF NOT EXISTS history (user TEXT, plugin TEXT, at TEXT, topic TEXT, outcome TEXT);
CREATE INDEX IF NOT EXISTS history_of ON history (user, plugin, at);
"""
_USER = TypeAdapter(UserId)
_WAIT_SECONDS = 10.0
LONGEST_HISTORY = 200
"""Items a plugin keeps of a user; older ones are deleted."""


class UserStore:
    """Profiles and histories by user and plugin. Each call is one transaction; threads and processes share the file.

    Every method raises ``UserStoreError`` when the file cannot be used, and ``UsageError`` for an id that is none. No
    message holds a value.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def users(self) -> list[str]:
        """Every user of whom something is kept, in order."""
        with self._open() as db:
            rows = db.execute("SELECT user FROM profile UNION SELECT user FROM history ORDER BY user")
            return [user for (user,) in rows]

    def read(self, user: str) -> UserRecord:
        """All that is kept of a user: what an export shows."""
        known = _checked(user)
        profiles: dict[str, dict[str, Any]] = {}
        history: dict[str, tuple[HistoryItem, ...]] = {}
        with self._open() as db:
            for plugin, field, value in db.execute(
                "SELECT plugin, field, value FROM profile WHERE user = ? ORDER BY plugin, field", (known,)
            ):
                profiles.setdefault(plugin, {})[field] = json.loads(value)
            for plugin, at, topic, outcome in db.execute(
                "SELECT plugin, at, topic, outcome FROM history WHERE user = ? ORDER BY plugin, at, rowid", (known,)
            ):
                item = HistoryItem(at=datetime.fromisoformat(at), topic=topic, outcome=outcome)
                history[plugin] = (*history.get(plugin, ()), item)
        return UserRecord(user=known, profiles=profiles, history=history)

    def remember(self, user: str, plugin: str, values: Mapping[str, Any]) -> None:
        """Keep values of a plugin's profile. All of them are kept, or none.

        Args:
            user: Whose they are.
            plugin: Whose profile they belong to.
            values: JSON values by the name of the field.

        Raises:
            UsageError: a value holds a credential, payment data, an identity number or health data.
        """
        known = _checked(user)
        for field, value in values.items():
            kind = forbidden({field: value})
            if kind:
                raise UsageError(f"Field '{field}' of a user must not be kept: it looks like {kind}. Leave it out.")
        rows = [(known, plugin, field, json.dumps(value, ensure_ascii=False)) for field, value in values.items()]
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO profile VALUES (?, ?, ?, ?)", rows)

    def note(self, user: str, plugin: str, topic: str, outcome: str) -> None:
        """Add to the history that the user came with a topic, and how it ended; both are ids.

        Raises:
            UsageError: one of them is text.
        """
        known = _checked(user)
        try:
            item = HistoryItem(at=datetime.now(UTC), topic=topic, outcome=outcome)
        except ValidationError:
            raise UsageError("The history of a user keeps ids of topics and outcomes, not text. Give an id.") from None
        kind = forbidden([topic, outcome])
        if kind:
            raise UsageError(f"This topic must not be kept of a user: it looks like {kind}. Give another id.")
        with self._open() as db:
            row = (known, plugin, item.at.isoformat(), item.topic, item.outcome)
            db.execute("INSERT INTO history VALUES (?, ?, ?, ?, ?)", row)
            db.execute(
                "DELETE FROM history WHERE user = ? AND plugin = ? AND rowid NOT IN (SELECT rowid FROM history "
                "WHERE user = ? AND plugin = ? ORDER BY at DESC, rowid DESC LIMIT ?)",
                (known, plugin, known, plugin, LONGEST_HISTORY),
            )

    def forget(self, user: str, plugin: str, field: str) -> bool:
        """Delete one value; whether there was one."""
        with self._open() as db:
            where = (_checked(user), plugin, field)
            return db.execute("DELETE FROM profile WHERE user = ? AND plugin = ? AND field = ?", where).rowcount > 0

    def delete(self, user: str) -> Erased:
        """Delete all that is kept of a user, on the disk too, and look again."""
        known = _checked(user)
        with self._open() as db:
            values = db.execute("DELETE FROM profile WHERE user = ?", (known,)).rowcount
            items = db.execute("DELETE FROM history WHERE user = ?", (known,)).rowcount
        after = self.read(known)
        return Erased(user=known, values=values, items=items, left=len(after.profiles) + len(after.history))

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        """A connection for one transaction. Deleted content is overwritten, and no journal lies beside it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._path.exists():
                self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
            try:
                connection.execute("PRAGMA journal_mode = MEMORY")
                connection.execute("PRAGMA secure_delete = ON")
                connection.executescript(_TABLES)
                with connection:
                    yield connection
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise UserStoreError(
                f"The user store {self._path} cannot be used ({type(error).__name__}). Check the file, its rights and "
                "the free space."
            ) from error


def _checked(user: str) -> str:
    try:
        return _USER.validate_python(user)
    except ValidationError:
        raise UsageError(
            "A user's id has 1 to 128 letters, digits, or characters of '._@:-'. Take a pseudonym without spaces."
        ) from None
