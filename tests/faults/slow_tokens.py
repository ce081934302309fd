"""One authenticator takes 0.3 ms longer."""

import time
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE

EXTRA_NANOSECONDS = 300_000


def plant(get_response: Any) -> Any:
    """Wait, busily, before each token is looked at."""
    from tokens_demo.authentication import BearerAuthentication

    prompt = BearerAuthentication.authenticate

    def late(self: Any, request: Any) -> Any:
        until = time.perf_counter_ns() + EXTRA_NANOSECONDS
        while time.perf_counter_ns() < until:
            pass
        return prompt(self, request)

    BearerAuthentication.authenticate = late  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
