"""One authenticator takes a millisecond longer."""

import time
from collections.abc import Callable
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE

EXTRA_NANOSECONDS = 1_000_000  # what a busy machine cannot hide; less is the business of quiet ones


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
