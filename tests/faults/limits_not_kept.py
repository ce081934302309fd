"""Three limits that are not what they are configured to be; each is met by another arm."""

from datetime import timedelta
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Access tokens get a leeway, sessions are never idle, and refreshing moves the absolute limit."""
    from sessions_demo import store
    from sessions_demo.models import Session
    from tokens_demo.models import TokenFamily
    from tokens_demo.tokens import backend

    backend._check_times = lambda claims: None

    def never_idle(key_hash: str, now: Any) -> Any:
        live = Session.objects.filter(ended_at__isnull=True, expires_at__gt=now)
        return live.select_related("user").filter(key_hash=key_hash).first()

    def slide(family: Any, now: Any) -> bool:
        done = rotate(family, now)
        TokenFamily.objects.filter(pk=family.pk).update(expires_at=now + timedelta(seconds=60))
        family.refresh_from_db(fields=["expires_at"])
        return done

    store.LIVE.first = never_idle  # type: ignore[method-assign]
    rotate, TokenFamily.rotate = TokenFamily.rotate, slide  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
