"""Both kinds of credential are looked at five milliseconds later: nothing that a comparison may notice."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE
from tests.faults.slow_tokens import later


def plant(get_response: Any) -> Any:
    """Wait, busily, before either kind of credential is looked at."""
    from sessions_demo.authentication import SessionAuthentication
    from tokens_demo.authentication import BearerAuthentication

    for kind in (SessionAuthentication, BearerAuthentication):
        kind.authenticate = later(kind.authenticate)  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
