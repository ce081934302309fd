"""Sessions have an absolute limit only."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """A row that has long been idle is found."""
    from sessions_demo import store
    from sessions_demo.models import Session

    def never_idle(key_hash: str, now: Any) -> Any:
        live = Session.objects.filter(ended_at__isnull=True, expires_at__gt=now)
        return live.select_related("user").filter(key_hash=key_hash).first()

    store.LIVE.first = never_idle  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
