"""The server's memory of one client: which refresh token is the current one. No token is ever stored."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from authcompare.logins import marks
from authcompare.logins.models import Login, Reason
from authcompare.logins.querysets import LoginQuerySet
from authcompare.logins.trail import AuthEvent


class Presented(Enum):
    """What a presented refresh token is to its family."""

    CURRENT = "rotate it"
    YOUNG = "the current one, rotated within the grace: say the same again"
    PREDECESSOR = "the one before, within the grace: say what its successor is"
    OLD = "used before: somebody has a copy"
    DEAD = "the family ended, or a time-out has passed"


class RefreshRefused(Exception):
    """This refresh token gives nothing (any more)."""


class Families(models.Manager.from_queryset(LoginQuerySet)):  # type: ignore[misc]
    """A class with a name, because migrations write it down."""

    def with_clock(self) -> Any:
        """Families with their users, and `clock`: the database's own, one for all instances."""
        return self.select_related("user").annotate(clock=Now())

    def refreshed(
        self, pk: uuid.UUID, jti: uuid.UUID, sub: str, make: Callable[["TokenFamily"], str]
    ) -> tuple["TokenFamily", str]:
        """The family of user `sub` after a refresh with `jti`, rotated at most once per grace, and its access
        token, which `make` makes before the rotation: what it raises leaves the row as it was.

        Two looks: whoever loses the race to rotate sees the winner's row at the second, and is given the
        same successor. Raises RefreshRefused; a token used before ends the family first (RFC 9700 §4.14.2).
        """
        for _attempt in range(2):
            family = self.with_clock().filter(pk=pk).first()
            if family is None or str(family.user_id) != sub or not family.user.is_active:
                raise RefreshRefused("unknown")
            presented = family.judge(jti, family.clock)
            if presented is Presented.OLD:
                family.reused()
            if presented in (Presented.OLD, Presented.DEAD):
                raise RefreshRefused(presented.value)
            access = make(family)
            if presented is Presented.CURRENT and not family.rotate(family.clock):
                continue
            return family, access
        raise RefreshRefused("changed twice in one request")

    def recently_marked(self) -> list[str]:
        """What a Redis that was emptied has to be told again: families that ended or began afresh.

        Ends are read from the trail, which outlives a family that went with its user.
        """
        since = timezone.now() - timedelta(seconds=marks.mark_seconds())
        afresh = models.Q(authenticated_at__gt=since) & models.Q(authenticated_at__gt=models.F("created_at"))
        renewed = self.filter(afresh).order_by().values_list("pk", flat=True)
        ends = AuthEvent.objects.filter(
            kind__in=[AuthEvent.Kind.ENDED, AuthEvent.Kind.LOGOUT], scheme=TokenFamily.scheme, at__gt=since
        )
        return [str(pk) for pk in (*renewed, *ends.values_list("login_id", flat=True))]


class TokenFamily(Login):
    """One row per login, not per refresh: the chain of refresh tokens that goes back to one sign-in."""

    scheme = "token"
    idle_setting = "TOKEN_IDLE_SECONDS"
    absolute_setting = "TOKEN_ABSOLUTE_SECONDS"

    transport = models.CharField(max_length=8, default="header")
    current_jti = models.UUIDField(default=uuid.uuid4)
    previous_jti = models.UUIDField(null=True)
    rotated_at = models.DateTimeField(null=True)

    objects = Families()

    class Meta(Login.Meta):
        verbose_name_plural = "token families"
        indexes = [
            *Login.Meta.indexes,
            # Asked for once a minute, see `recently_marked`. Few families ever begin afresh.
            models.Index(
                fields=["authenticated_at"],
                condition=models.Q(authenticated_at__gt=models.F("created_at")),
                name="%(class)s_afresh",
            ),
        ]

    @classmethod
    def at_once(cls) -> str:
        if settings.TOKEN_CHECK == "none":
            return _("A refresh token is refused from now on.")
        return _("Refresh tokens and access tokens already issued are refused from now on.")

    @property
    def shown(self) -> str:
        return str(self.pk)

    @classmethod
    def outlived_by(cls) -> timedelta:
        return timedelta(seconds=settings.TOKEN_ACCESS_SECONDS if settings.TOKEN_CHECK == "none" else 0)

    @property
    def answered_until(self) -> datetime | None:
        """When the last access token given out expires; None where nothing is answered after an end.

        A refresh that is repeated within the grace gets a new access token, too.
        """
        last = self.authenticated_at
        if self.rotated_at is not None:
            last = max(last, self.rotated_at + timedelta(seconds=settings.TOKEN_REFRESH_GRACE_SECONDS))
        until = min(last + self.outlived_by(), self.expires_at)
        return until if self.outlived_by() and until > timezone.now() else None

    @property
    def issued_at(self) -> datetime:
        """When the current refresh token was made; from the row, so that a repeat says the same."""
        return self.rotated_at or self.authenticated_at

    def judge(self, jti: uuid.UUID, now: datetime) -> Presented:
        """What the refresh token `jti` is at `now`, by the row as read. Pure."""
        if self.ended_at is not None or min(self.idle_until, self.expires_at) <= now:
            return Presented.DEAD
        grace = timedelta(seconds=settings.TOKEN_REFRESH_GRACE_SECONDS)
        young = self.rotated_at is not None and now - self.rotated_at < grace
        if jti == self.current_jti:
            return Presented.YOUNG if young else Presented.CURRENT
        return Presented.PREDECESSOR if young and jti == self.previous_jti else Presented.OLD

    def rotate(self, now: datetime) -> bool:
        """One conditional UPDATE decides who rotates; False if somebody else did, or the family ended."""
        same = TokenFamily.objects.filter(pk=self.pk, current_jti=self.current_jti, ended_at__isnull=True)
        with transaction.atomic():
            rotated = same.update(
                previous_jti=self.current_jti,
                current_jti=uuid.uuid4(),
                # Not `now`: the time since then, or for which SQLite waits to write, is none of the grace.
                rotated_at=Now(),
                last_seen_at=now,
                idle_until=min(now + self.idle(), self.expires_at),
            )
            if rotated:
                self.event(AuthEvent.Kind.REFRESH).save()
        if rotated:
            self.refresh_from_db(fields=["previous_jti", "current_jti", "rotated_at", "idle_until"])
        return bool(rotated)

    def reused(self) -> None:
        """Thief or victim shows a token that was used before: nobody goes on with this family."""
        with transaction.atomic():
            if self.end(Reason.REUSE).count:  # of several at once, one writes it down
                self.event(AuthEvent.Kind.REUSE).save()

    def renew(self) -> bool:
        """A fresh start after a password change: every refresh token given out before is an old one.

        Says whether Redis could be told. Raises RefreshRefused if the family ended meanwhile.
        """
        start = {
            "current_jti": uuid.uuid4(),
            "previous_jti": None,
            "rotated_at": None,
            "authenticated_at": timezone.now(),
        }
        if not TokenFamily.objects.filter(pk=self.pk, ended_at__isnull=True).update(**start):
            raise RefreshRefused("ended")
        for name, value in start.items():
            setattr(self, name, value)
        return marks.write([self.shown])  # access tokens from before are asked about, too
