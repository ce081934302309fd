"""Old refresh tokens: the one before the last is taken within the grace, and reuse ends nothing."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """A family forgives every token it has ever given out while it is young, and never draws a conclusion."""
    from tokens_demo.models import Presented, TokenFamily

    strict = TokenFamily.judge

    def lenient(family: Any, jti: Any, now: Any) -> Any:
        young = strict(family, family.current_jti, now) is Presented.YOUNG
        found = strict(family, jti, now)
        return Presented.PREDECESSOR if found is Presented.OLD and young else found

    TokenFamily.judge = lenient  # type: ignore[method-assign]
    TokenFamily.reused = lambda family: None  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
