"""What copies, refreshed tokens and unchecked tokens tell of a user is of another age than promised."""

from datetime import timedelta
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Copies live a minute more, a refresh repeats the first token's claims, `none` asks the database."""
    from sessions_demo.store import SessionStore
    from tokens_demo import authentication
    from tokens_demo.tokens import AccessToken

    until, fresh, first = SessionStore._copy_until, AccessToken.own_claims.__func__, {}  # type: ignore[attr-defined]

    def later(store: Any, before: Any) -> Any:
        return until(store, before) + timedelta(seconds=60)

    def repeated(kind: Any, family: Any) -> Any:
        claims = fresh(kind, family)
        said = first.setdefault(family.pk, claims)
        return {**claims, "username": said["username"], "is_staff": said["is_staff"]}

    SessionStore._copy_until = later  # type: ignore[method-assign]
    AccessToken.own_claims = classmethod(repeated)  # type: ignore[assignment, method-assign]
    authentication.CHECKS["none"] = authentication.by_database
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
