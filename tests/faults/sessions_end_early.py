"""Sessions end after two seconds, whatever limits are set."""

from datetime import timedelta
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """A row that is older is not found."""
    from sessions_demo import store

    find = store.LIVE.first

    def young(key_hash: str, now: Any) -> Any:
        row = find(key_hash=key_hash, now=now)
        return row if row and now - row.created_at < timedelta(seconds=2) else None

    store.LIVE.first = young  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
