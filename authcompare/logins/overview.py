"""Where one user is logged in, and was in the last 28 days, over all kinds of login: for the devices page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from authcompare.logins.models import RETENTION, Login, Reason

SHOWN_OVER = 50  # of each kind
UNUSED, AT_ITS_END = _("not used for too long"), _("reached its end")


@dataclass(frozen=True)
class Line:
    """One login as its owner sees it."""

    login: Login
    is_current: bool = False

    @property
    def over_at(self) -> datetime:
        """When it ended or timed out; `idle_until` is never later than `expires_at`."""
        return self.login.ended_at or self.login.idle_until

    @property
    def why(self) -> Any:
        """Why it is over, in words."""
        if self.login.ended_at is not None:
            return self.login.get_ended_reason_display()
        return UNUSED if self.login.idle_until < self.login.expires_at else AT_ITS_END

    @property
    def is_theft(self) -> bool:
        """Somebody used a refresh token that had been used before (RFC 9700 §4.14.2)."""
        return self.login.ended_reason == Reason.REUSE


@dataclass(frozen=True)
class LoggedIn:
    """Where a user is logged in: the lines that are shown, and how many there are in all."""

    lines: list[Line]
    total: int

    @property
    def others(self) -> int:
        """How many besides the one that asks."""
        return self.total - sum(line.is_current for line in self.lines)

    @property
    def not_shown(self) -> int:
        """How many there are besides the lines."""
        return self.total - len(self.lines)


def logged_in(user_id: Any, kinds: Iterable[type[Login]], current: Any = None) -> LoggedIn:
    """Active logins, the latest seen first, at most 100 of each kind; `current`, which asks, before all."""
    active = [_of(kind, user_id).active() for kind in kinds]
    listed = [login for logins in active for login in logins.listed("-last_seen_at", current)]
    lines = [Line(login, str(login.pk) == str(current)) for login in listed]
    lines.sort(key=lambda line: (not line.is_current, -line.login.last_seen_at.timestamp()))
    return LoggedIn(lines, sum(logins.count() for logins in active))


def over(user_id: Any, kinds: Iterable[type[Login]]) -> list[Line]:
    """Ended and timed out in the last 28 days, newest first; at most 50 of each kind."""
    now = timezone.now()
    since = now - RETENTION
    timed_out = Q(ended_at__isnull=True, idle_until__gt=since, idle_until__lte=now)
    newest = Coalesce("ended_at", "idle_until").desc()
    finished = (
        _of(kind, user_id).filter(Q(ended_at__gt=since) | timed_out).order_by(newest)[:SHOWN_OVER]
        for kind in kinds
    )
    lines = [Line(login) for logins in finished for login in logins]
    return sorted(lines, key=lambda line: line.over_at, reverse=True)


def outlived_by() -> timedelta:
    """The longest that anything may be let in after its login has ended."""
    return max((kind.outlived_by() for kind in Login.kinds()), default=timedelta(0))


def _of(kind: type[Login], user_id: Any) -> Any:
    logins: Any = kind._default_manager
    return logins.filter(user_id=user_id)
