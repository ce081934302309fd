"""Whoever refreshes often enough stays for ever: each refresh moves the absolute limit."""

from datetime import timedelta
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """By a minute from now."""
    from tokens_demo.models import TokenFamily

    rotate = TokenFamily.rotate

    def slide(family: Any, now: Any) -> bool:
        family.expires_at = now + timedelta(seconds=60)
        TokenFamily.objects.filter(pk=family.pk).update(expires_at=family.expires_at)
        return rotate(family, now)

    TokenFamily.rotate = slide  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
