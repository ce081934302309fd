"""Whoever shows the token before the current one is a thief, however soon he does."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The grace is configured, attested, and not given."""
    from tokens_demo.models import Presented, TokenFamily

    prompt = TokenFamily.judge

    def judge(self: Any, jti: Any, now: Any) -> Presented:
        presented = prompt(self, jti, now)
        return Presented.OLD if presented is Presented.PREDECESSOR else presented

    TokenFamily.judge = judge  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
