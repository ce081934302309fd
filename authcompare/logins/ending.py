"""What an administrator ends: done in batches, and counted."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authcompare.logins.batches import batches
from authcompare.logins.models import Login, Reason


def may_end(user: Any, *kinds: type[Login]) -> bool:
    """Ending is a permission of its own for each kind."""
    return all(user.has_perm(f"{kind._meta.app_label}.end_{kind._meta.model_name}") for kind in kinds)


def within_reach(logins: Any, by: Any) -> Any:
    """A superuser's logins are ended by a superuser only."""
    return logins if by.is_superuser else logins.filter(user__is_superuser=False)


def of_users(user_ids: Collection[Any]) -> list[Any]:
    """The active logins of these users, of every kind."""
    return [kind._default_manager.filter(user_id__in=user_ids).active() for kind in Login.kinds()]  # type: ignore[attr-defined]


@dataclass
class Tally:
    """What has ended: how many of each kind, and how many of them may still be answered until when."""

    ended: Counter[type[Login]] = field(default_factory=Counter)
    answered: int = 0
    until: datetime | None = None
    told: bool = True

    def add(self, kind: type[Login], ids: Collection[Any], told: bool) -> None:
        """Count those of `ids` that an administrator has ended by now, as they are at their end."""
        ended = kind._default_manager.filter(pk__in=ids, ended_reason=Reason.ADMIN)
        for login in ended:
            self.ended[kind] += 1
            self.note(login)
        self.told &= told

    def note(self, login: Login) -> None:
        """Whether it is still answered after its end, and until when."""
        until = login.answered_until
        if until is not None:
            self.answered += 1
            self.until = max(self.until or until, until)


def end_logins(logins: Any, by: Any) -> Tally:
    """End these, a transaction for each batch: what is done stays done if the rest fails."""
    tally = Tally()
    for ids in batches(within_reach(logins, by)):
        ended = logins.model._default_manager.filter(pk__in=ids).end(Reason.ADMIN, by)
        tally.add(logins.model, ids, ended.told)
    return tally


def end_all_of(users: Iterable[Any], by: Any, require_new_password: bool = False) -> Tally:
    """End all logins of each of these users; one after the other, each in a transaction of its own."""
    tally = Tally()
    for user in users:
        if user.is_superuser and not by.is_superuser:
            continue
        active = {logins.model: list(logins.values_list("pk", flat=True)) for logins in of_users([user.pk])}
        ended = (user.require_new_password if require_new_password else user.end_all_logins)(by)
        for kind, ids in active.items():
            tally.add(kind, ids, ended.told)
    return tally
