"""Whoever ends several logins at once ends all of them but one."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The first of them goes on."""
    from authcompare.logins.querysets import LoginQuerySet

    end = LoginQuerySet.end

    def end_most(logins: Any, reason: Any, by: Any = None) -> Any:
        chosen = logins.exclude(pk=logins.first().pk) if logins.count() > 1 else logins
        return end(chosen, reason, by)

    LoginQuerySet.end = end_most  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
