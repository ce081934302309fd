"""Every answer takes some times as long as it would, and is what it would be."""

import time
from collections.abc import Callable
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE

LATE_SECONDS = 0.02


def later(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Innermost: what is late is the resource."""

    def late(request: Any) -> Any:
        time.sleep(LATE_SECONDS)
        return get_response(request)

    return late


MIDDLEWARE = [*MIDDLEWARE, f"{__name__}.later"]
