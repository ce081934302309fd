"""What is asked about many logins, and how they end: whichever kind they are."""

from datetime import datetime
from typing import Any, Generic, Self, TypeVar

from django.db import models, transaction
from django.utils import timezone

from authcompare.logins import marks
from authcompare.logins.ends import NOTHING_ENDED, Ended, Reason
from authcompare.logins.prepared import Given
from authcompare.logins.trail import AuthEvent

LISTED = 100  # of a user's logins of one kind, however many there are
L = TypeVar("L", bound=models.Model)


class LoginQuerySet(models.QuerySet[L], Generic[L]):
    """Finds logins and ends them."""

    def active(self) -> Self:
        """Neither ended nor past one of the two time-outs. A session without a user is no login."""
        return self.filter(user__isnull=False).alive_at(timezone.now())

    def alive_at(self, now: datetime | Given) -> Self:
        """Neither ended nor past one of the two time-outs, be it a login or not."""
        return self.filter(ended_at__isnull=True, idle_until__gt=now, expires_at__gt=now)

    def timed_out(self, by: datetime | None = None) -> Self:
        """Past a time-out `by` then (or now), and not ended; `idle_until` is never after `expires_at`."""
        return self.filter(ended_at__isnull=True, idle_until__lte=by or timezone.now())

    def listed(self, newest: str, current: Any = None) -> Self:
        """The first LISTED in the order `newest`; before them `current`, the id of the login that asks."""
        before_all = [] if current is None else [models.Case(models.When(pk=current, then=0), default=1)]
        return self.order_by(*before_all, newest)[:LISTED]

    def end(self, reason: Reason, by: Any = None) -> Ended:
        """End every login of this queryset that has not ended yet; the one way to end a login.

        One transaction: lock, update, mark, commit. The marks are written before the commit, so that a
        process killed in between leaves a mark without an end (harmless), never an end without a mark.
        `by` is the acting user; None means that the server did it.
        """
        with transaction.atomic():
            logins = list(self._locked())
            if not logins:
                return NOTHING_ENDED
            chosen = self.model._base_manager.filter(pk__in=[login.pk for login in logins])
            actor = "" if by is None else by.get_username()
            chosen.update(ended_at=timezone.now(), ended_reason=reason, ended_by=actor)
            return _told(logins, reason, actor)

    def delete(self) -> tuple[int, dict[str, int]]:
        """What has not ended yet ends by it: once its row is gone, nobody writes a mark any more."""
        with transaction.atomic():
            _told(list(self._locked()), Reason.ADMIN)
            return super().delete()

    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]  # as Django's own

    def lapse(self) -> int:
        """For the lab: these logins are past their idle time-out from now on. Returns how many were not yet.

        Nothing but the time is moved; a mark has copies forgotten, as the passing of time would.
        """
        with transaction.atomic():
            logins: list[Any] = list(self._locked())
            chosen = self.model._base_manager.filter(pk__in=[login.pk for login in logins])
            lapsed = chosen.update(idle_until=timezone.now())
            marks.write(login.shown for login in logins)
        return lapsed

    def _locked(self) -> Self:
        # Always in the order of the primary key: two ends at once wait for each other, never in a circle.
        unended = self.filter(user__isnull=False, ended_at__isnull=True)
        return unended.select_related("user").select_for_update(of=("self",)).order_by("pk")


def _told(logins: list[Any], reason: Reason, actor: str = "") -> Ended:
    """The trail and Redis, of logins that end in this transaction."""
    kind = AuthEvent.Kind.LOGOUT if reason is Reason.LOGOUT else AuthEvent.Kind.ENDED
    AuthEvent.append(login.event(kind, actor=actor, reason=reason) for login in logins)
    return Ended(len(logins), marks.write(login.shown for login in logins))
