"""All logins of one user in one list, whichever scheme carries them."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from authcompare.logins.models import Login


def logins_of(user_id: Any, kinds: Iterable[type[Login]], limit: int) -> list[Login]:
    """The logins of one user, of all these kinds in one list: the active ones, then what is over.

    Newest first, at most `limit` of each kind, active and over.
    """
    active: list[Login] = []
    over: list[Login] = []
    for kind in kinds:
        logins: Any = kind._default_manager.filter(user_id=user_id).order_by("-created_at")
        active += logins.active()[:limit]
        over += logins.finished_before(timezone.now())[:limit]
    return [*newest_first(active), *newest_first(over)]


def newest_first(logins: Iterable[Login]) -> list[Login]:
    """In the order in which they began, backwards."""
    return sorted(logins, key=lambda login: login.created_at, reverse=True)
