"""The asking user, as far as one plugin may know and remember."""

from typing import Any

from pydantic import BaseModel, ValidationError

from ragstone.errors import UsageError
from ragstone.users.records import HistoryItem
from ragstone.users.store import UserStore


class User:
    """What the host keeps of a user for one plugin: values of the profile that it declares, and a history of ids.

    Context, not authorisation: nothing here changes what the user may read. Whoever keeps a value shows it, too.
    """

    def __init__(self, user: str, plugin: str, profile: type[BaseModel], store: UserStore) -> None:
        self.id = user
        self._plugin = plugin
        self._profile = profile
        self._store = store

    @property
    def profile(self) -> BaseModel:
        """What is known, as `Plugin.profile` declares it. A kept value that no longer fits counts as not known.

        Raises:
            UserStoreError: the store cannot be read.
        """
        kept = self._store.read(self.id).profiles.get(self._plugin, {})
        fitting = {field: value for field, value in kept.items() if self._fits(field, value)}
        return self._profile.model_validate(fitting)

    @property
    def history(self) -> tuple[HistoryItem, ...]:
        """What the user came with before, oldest first.

        Raises:
            UserStoreError: the store cannot be read.
        """
        return self._store.read(self.id).history.get(self._plugin, ())

    def remember(self, **values: Any) -> None:
        """Keep values of the profile, all or none.

        Raises:
            UsageError: the profile has no such field, a value does not fit, or must not be kept; never tells the value.
            UserStoreError: the store cannot be written.
        """
        try:
            fitting = self._profile.model_validate(values).model_dump(mode="json", include=set(values))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            known = ", ".join(self._profile.model_fields) or "none"
            raise UsageError(
                f"Field '{field}' of a user: {first['msg']}. Plugin '{self._plugin}' keeps: {known}."
            ) from None
        self._store.remember(self.id, self._plugin, fitting)

    def note(self, topic: str, outcome: str) -> None:
        """Add to the history that the user came with a topic (an id), and how it ended (an id).

        Raises:
            UsageError: one of them is text.
            UserStoreError: the store cannot be written.
        """
        self._store.note(self.id, self._plugin, topic, outcome)

    def _fits(self, field: str, value: Any) -> bool:
        try:
            self._profile.model_validate({field: value})
        except ValidationError:
            return False
        return True
