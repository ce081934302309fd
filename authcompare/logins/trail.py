"""The audit trail: what happened to whom, by whom, on which login. It is written once and never changed."""

import json
import logging
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NoReturn, Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

log = logging.getLogger("authcompare.trail")

BATCH = 5000  # rows that `purge` deletes at once


class AppendOnly(Exception):
    """The trail refuses update and delete; only `purge` deletes, by age."""


class AuthEventQuerySet(models.QuerySet["AuthEvent"]):
    """Reads and appends."""

    def update(self, **values: Any) -> NoReturn:
        raise AppendOnly("AuthEvent rows are never changed")

    def delete(self) -> NoReturn:
        raise AppendOnly("AuthEvent rows are deleted by age only, with purge()")

    def bulk_create(  # spelled out as Django's: what is passed by position counts, too
        self,
        objs: Any,
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> Any:
        """Django's; but with `update_conflicts` it would be an update under another name."""
        if update_conflicts:
            raise AppendOnly("AuthEvent rows are never changed")
        return super().bulk_create(objs, batch_size, ignore_conflicts)

    def purge(self, before: datetime) -> int:
        """Delete what is older than `before`, in batches; returns how many."""
        purged, old = 0, self.filter(at__lt=before).order_by("at", "pk").values_list("pk", flat=True)
        while ids := list(old[:BATCH]):
            purged += self.model._base_manager.filter(pk__in=ids)._raw_delete(self.db)
        return purged


class AuthEvent(models.Model):
    """One line of the trail. Plain columns, no foreign keys: it outlives the user and the login."""

    class Kind(models.TextChoices):
        LOGIN = "login", _("logged in")
        LOGIN_FAILED = "login_failed", _("login failed")
        LOCKED = "locked", _("too many attempts")
        UNLOCKED = "unlocked", _("attempts given back")
        REFRESH = "refresh", _("tokens refreshed")
        REUSE = "reuse", _("old refresh token used again")
        LOGOUT = "logout", _("logged out")
        ENDED = "ended", _("login ended")
        ENDED_ALL = "ended_all", _("all logins ended")
        PASSWORD = "password", _("password changed")
        MUST_CHANGE = "must_change", _("new password required")
        DEACTIVATED = "deactivated", _("account deactivated")
        DELETED = "deleted", _("account deleted")
        KEY = "key", _("signing key changed")

    at = models.DateTimeField(default=timezone.now, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    scheme = models.CharField(max_length=16, blank=True)
    login_id = models.UUIDField(null=True)
    user_id = models.CharField(max_length=64, blank=True)
    username = models.CharField(max_length=150, blank=True)
    actor = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=32, blank=True)
    ip = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=128, blank=True)

    objects = AuthEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        default_permissions = ["view"]
        base_manager_name = "objects"  # the plain one would update and delete
        # One for each way the admin lists it: at a million rows a list without its index takes a second.
        # Filters keep the newest first; what is searched for has few rows each, which are sorted then.
        indexes = [
            models.Index(fields=["-at", "-id"], name="trail_newest"),
            models.Index(fields=["kind", "-at", "-id"], name="trail_kind"),
            models.Index(fields=["scheme", "-at", "-id"], name="trail_scheme"),
            models.Index(fields=["reason", "-at", "-id"], name="trail_reason"),
            models.Index(fields=["login_id"], name="trail_login"),
            models.Index(fields=["user_id"], name="trail_user"),
            models.Index(fields=["ip"], name="trail_ip"),
            # By its beginning, which the default order of letters cannot look up.
            models.Index(fields=["username"], opclasses=["varchar_pattern_ops"], name="trail_username"),
            models.Index(fields=["actor"], opclasses=["varchar_pattern_ops"], name="trail_actor"),
        ]

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
        """The same as one structured log line: JSON in ASCII, so that no user name can break or forge one."""
        parts = {name: str(getattr(self, name)) for name in SAID if getattr(self, name)}
        log.info("%s", json.dumps(parts))


SAID = ["at", "kind", "scheme", "login_id", "user_id", "username", "actor", "reason", "ip", "device"]
