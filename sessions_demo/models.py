"""The server's memory of one browser: what its cookie stands for."""

import hashlib
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from authcompare.logins.models import Login
from authcompare.logins.querysets import LoginQuerySet


def digest(session_key: str) -> str:
    """What is kept of a session key. The key has 190 random bits, so a plain hash cannot be searched back."""
    return hashlib.sha256(session_key.encode()).hexdigest()


class Sessions(models.Manager.from_queryset(LoginQuerySet)):  # type: ignore[misc]
    """A class with a name, because migrations write it down."""


class Session(Login):
    """A row without a user is Django's anonymous session: never listed, deleted rather than ended."""

    scheme = "session"
    idle_setting = "SESSION_IDLE_SECONDS"
    absolute_setting = "SESSION_ABSOLUTE_SECONDS"

    user = models.ForeignKey(  # type: ignore[assignment]
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    key_hash = models.CharField(max_length=64)
    session_data = models.TextField()

    objects = Sessions()

    class Meta(Login.Meta):
        # A constraint, not `unique=True`: PostgreSQL would get a second index, for LIKE, that nobody uses.
        constraints = [models.UniqueConstraint(fields=["key_hash"], name="one_session_per_key")]

    @classmethod
    def at_once(cls) -> str:
        return _("A session is refused at its next request, whichever server answers.")

    @property
    def shown(self) -> str:
        return self.key_hash

    def admits(self, auth_hash: str) -> bool:
        """The user is active, and the password is the one of this login: Django's second line."""
        user: Any = self.user
        if user is None or not user.is_active:
            return False
        valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
        return any(constant_time_compare(auth_hash, one) for one in valid)
