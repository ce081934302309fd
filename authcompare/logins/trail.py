"""The audit trail: what happened to whom, by whom, on which login. It is written once and never changed."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NoReturn, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

log = logging.getLogger("authcompare.trail")


class AppendOnly(Exception):
    """The trail refuses update and delete; only `purge` deletes, by age."""


class AuthEventQuerySet(models.QuerySet["AuthEvent"]):
    """Reads and appends."""

    def update(self, **values: Any) -> NoReturn:
        raise AppendOnly("AuthEvent rows are never changed")

    def delete(self) -> NoReturn:
        raise AppendOnly("AuthEvent rows are deleted by age only, with purge()")

    def purge(self, before: datetime) -> int:
        """Delete what is older than `before`; returns how many."""
        return self.filter(at__lt=before)._raw_delete(self.db)


class AuthEvent(models.Model):
    """One line of the trail. Plain columns, no foreign keys: it outlives the user and the login."""

    class Kind(models.TextChoices):
        LOGIN = "login", _("logged in")
        LOGIN_FAILED = "login_failed", _("login failed")
        LOCKED = "locked", _("too many attempts")
        ENDED = "ended", _("login ended")
        REUSE = "reuse", _("old refresh token used again")
        PASSWORD = "password", _("password changed")
        KEY = "key", _("signing key changed")

    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    kind = models.CharField(max_length=16, choices=Kind)
    scheme = models.CharField(max_length=16, blank=True)
    login_id = models.UUIDField(null=True, db_index=True)
    user_id = models.CharField(max_length=64, blank=True, db_index=True)
    username = models.CharField(max_length=150, blank=True)
    actor = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=32, blank=True)
    ip = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=128, blank=True)

    objects = AuthEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind} {self.username}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnly("AuthEvent rows are never changed")
        super().save(*args, **kwargs)
        transaction.on_commit(self.say)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("AuthEvent rows are deleted by age only, with purge()")

    @classmethod
    def append(cls, events: Iterable[Self]) -> None:
        """Write many in one statement."""
        for event in cls.objects.bulk_create(events):
            transaction.on_commit(event.say)

    def say(self) -> None:
        """The same as one structured log line; `%r` keeps line breaks of a user name out of the log."""
        parts = ("kind", "scheme", "login_id", "user_id", "username", "actor", "reason", "ip", "device")
        log.info(" ".join(f"{part}={str(getattr(self, part))!r}" for part in parts if getattr(self, part)))
