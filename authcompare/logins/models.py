"""A login: what the server keeps about one sign-in on one device, whichever scheme carries it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

from authcompare.logins import budget, devices
from authcompare.logins.budget import GuessingBudget  # noqa: F401  a model of this app
from authcompare.logins.ends import NOTHING_ENDED, Ended, Reason
from authcompare.logins.trail import AuthEvent

RETENTION = timedelta(days=28)  # ended and expired logins stay visible this long


class Login(models.Model):
    """One sign-in on one device. The id is the only handle ever shown, logged or used in an address."""

    scheme: ClassVar[str]  # "session" or "token"
    idle_setting: ClassVar[str]
    absolute_setting: ClassVar[str]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Found by the index of where its user has logged in from, so it needs none of its own.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    authenticated_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    idle_until = models.DateTimeField()
    expires_at = models.DateTimeField()  # absolute: never moves
    ip = models.GenericIPAddressField(null=True)
    network = models.CharField(  # of `ip`: what counts as one address
        max_length=43, default=budget.UNKNOWN, db_default=budget.UNKNOWN
    )
    user_agent = models.CharField(max_length=512, blank=True)
    device = models.CharField(max_length=128, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=16, blank=True, choices=Reason)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        abstract = True
        default_permissions = ["view", "end"]
        ordering = ["-created_at", "-id"]
        # The admin's lists at a million rows: all of them newest first, and each filter that may find few
        # rows by an index of its own, because walking the newest first until there are enough finds no end.
        indexes = [
            # Who guesses at an account asks this before any bound: it may have very many logins.
            models.Index(fields=["user", "network"], name="%(class)s_network"),
            models.Index(fields=["-created_at", "-id"], name="%(class)s_newest"),
            models.Index(fields=["device", "-created_at", "-id"], name="%(class)s_device"),
            models.Index(fields=["ip"], name="%(class)s_ip"),
            models.Index(
                fields=["ended_reason", "-created_at", "-id"],
                condition=~models.Q(ended_reason=""),
                name="%(class)s_reason",
            ),
            # What ended long enough ago to be purged. A login writes it once, at its end.
            models.Index(
                fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="%(class)s_ended"
            ),
            # Active, or idled out. A touch writes it too, at most once a minute a login.
            models.Index(
                fields=["idle_until"], condition=models.Q(ended_at__isnull=True), name="%(class)s_idle"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.pk}"

    @classmethod
    def users(cls) -> Any:
        """The user model."""
        return cls._meta.get_field("user").related_model

    @classmethod
    def kinds(cls) -> list[type["Login"]]:
        """Every concrete kind of login that is installed."""
        return [model for model in apps.get_models() if issubclass(model, Login)]

    @classmethod
    def beginning(cls, now: datetime) -> dict[str, datetime]:
        """The five times of a login that begins `now`."""
        expires_at = now + timedelta(seconds=getattr(settings, cls.absolute_setting))
        return {
            "created_at": now,
            "authenticated_at": now,
            "last_seen_at": now,
            "idle_until": min(now + cls.idle(), expires_at),
            "expires_at": expires_at,
        }

    @staticmethod
    def seen_from(request: HttpRequest) -> dict[str, Any]:
        """Where a login comes from; the device is named once, here, not at every look at a list."""
        user_agent = request.headers.get("User-Agent", "")[:512]
        address = budget.client_address(request)
        return {
            "ip": address,
            "network": budget.network(address),
            "user_agent": user_agent,
            "device": devices.label(user_agent)[:128],
        }

    @classmethod
    def idle(cls) -> timedelta:
        """How long a login may go unused."""
        return timedelta(seconds=getattr(settings, cls.idle_setting))

    @property
    def login_id(self) -> uuid.UUID:
        """The handle; access tokens answer to the same name."""
        return self.pk

    @classmethod
    def at_once(cls) -> str:
        """What an end does at once, for people."""
        raise NotImplementedError

    @property
    def answered_until(self) -> datetime | None:
        """Until when what its client already holds may be answered after an end; None: not at all."""
        return None

    @property
    def shown(self) -> str:
        """What the credential shows of this login, and therefore what a mark is keyed by."""
        raise NotImplementedError

    @classmethod
    def outlived_by(cls) -> timedelta:
        """How long something that was given out before may be let in after the login has ended."""
        return timedelta(0)

    @property
    def state(self) -> str:
        """`active`, `idle`, `expired`, or why it ended."""
        now = timezone.now()
        if self.ended_at is not None:
            return self.ended_reason
        if self.expires_at <= now:
            return "expired"
        return "idle" if self.idle_until <= now else "active"

    @property
    def in_words(self) -> str:
        """The state for people, with who ended it."""
        by = f" ({self.ended_by})" if self.ended_by else ""
        return f"{self.get_ended_reason_display() or self.state}{by}"

    def end(self, reason: Reason, by: Any = None) -> Ended:
        """End this login."""
        return type(self)._default_manager.filter(pk=self.pk).end(reason, by)  # type: ignore[attr-defined]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """See LoginQuerySet.delete()."""
        with transaction.atomic():
            self.end(Reason.ADMIN)
            return super().delete(*args, **kwargs)

    def event(self, kind: AuthEvent.Kind, **more: Any) -> AuthEvent:
        """A line for the trail about this login."""
        return AuthEvent(
            kind=kind,
            scheme=self.scheme,
            login_id=self.pk,
            user_id=str(self.user.pk),
            username=self.user.get_username(),
            ip=self.ip,
            device=self.device,
            **more,
        )


def end_logins_of(
    user_ids: Iterable[Any], reason: Reason, by: Any = None, keep: Login | None = None
) -> Ended:
    """End all logins of these users, of every kind, but `keep`."""
    ended, ids = NOTHING_ENDED, list(user_ids)
    for kind in Login.kinds():
        logins = kind._default_manager.filter(user_id__in=ids)
        if keep is not None:
            logins = logins.exclude(pk=keep.pk)
        ended += logins.end(reason, by)  # type: ignore[attr-defined]
    return ended
