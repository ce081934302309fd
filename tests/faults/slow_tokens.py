"""Tokens are looked at five milliseconds later.

That is large beside what a busy machine does to a request, so that a test may ask for a verdict anywhere. A
difference as small as those that are judged is for quiet machines: the lab plants 0.2 ms in every run of
Performance, 0.5 ms in every run of the slow requests, and decides nothing where it does not find them.
"""

import time
from collections.abc import Callable
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE

EXTRA_NANOSECONDS = 5_000_000


def later(authenticate: Callable[..., Any]) -> Callable[..., Any]:
    """The same, after a busy wait."""

    def late(self: Any, request: Any) -> Any:
        until = time.thread_time_ns() + EXTRA_NANOSECONDS  # of work, whatever else the machine does
        while time.thread_time_ns() < until:
            pass
        return authenticate(self, request)

    return late


def plant(get_response: Any) -> Any:
    """Wait before each token is looked at."""
    from tokens_demo.authentication import BearerAuthentication

    BearerAuthentication.authenticate = later(BearerAuthentication.authenticate)  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
