"""Any refresh token of the family is as good as the current one."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """An old one is told what the current one would be."""
    from tokens_demo.models import Presented, TokenFamily

    prompt = TokenFamily.judge

    def judge(self: Any, jti: Any, now: Any) -> Presented:
        presented = prompt(self, jti, now)
        return Presented.PREDECESSOR if presented is Presented.OLD else presented

    TokenFamily.judge = judge  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
