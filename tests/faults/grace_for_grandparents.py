"""Within the grace any refresh token of the family is as good as the one before."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """An older one is told what the current one is, while that one is young."""
    from tokens_demo.models import Presented, TokenFamily

    strict = TokenFamily.judge

    def lenient(family: Any, jti: Any, now: Any) -> Any:
        young = strict(family, family.current_jti, now) is Presented.YOUNG
        found = strict(family, jti, now)
        return Presented.PREDECESSOR if found is Presented.OLD and young else found

    TokenFamily.judge = lenient  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
