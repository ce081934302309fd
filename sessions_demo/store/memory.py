"""`SESSION_STORE=memory`: Django's cache engine on this process's own memory.

Only to show why that does not scale; settings refuse it outside the lab. It lists no logins, because the
server forgets them with the process.
"""

from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends import cache
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from sessions_demo.models import Session


class SessionStore(cache.SessionStore):
    """What `sessions_demo.store.SessionStore` offers beyond Django's contract, from the session's data."""

    told = True  # nobody has to be

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.seen_from: dict[str, Any] = {}

    def ask_early(self) -> None:
        """Memory is near enough."""

    def settle(self) -> None:
        """Nothing was asked."""

    def save(self, must_create: bool = False) -> None:
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if SESSION_KEY in data and "_began" not in data:
            data["_began"] = timezone.now().isoformat()
            data["_login"] = str(Session().pk)
        super().save(must_create=must_create)

    @property
    def login(self) -> Session | None:
        """A login that exists nowhere but here."""
        if "_login" not in self:
            return None
        began = parse_datetime(self["_began"])
        assert began is not None
        return Session(id=self["_login"], user_id=self[SESSION_KEY], **Session.beginning(began))

    @property
    def user(self) -> Any:
        """The user, by a query."""
        user: Any = get_user_model()._default_manager.filter(pk=self.get(SESSION_KEY)).first()
        return user if Session(user=user).admits(self.get(HASH_SESSION_KEY, "")) else None
