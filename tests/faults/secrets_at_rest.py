"""The database keeps what the cookie shows, and the log what the header shows."""

import logging
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Session keys are not hashed; every Authorization header is written down."""
    from sessions_demo import store

    store.digest = lambda session_key: session_key

    def talkative(request: Any) -> Any:
        logging.getLogger(__name__).warning("asked with %s", request.headers.get("Authorization"))
        return get_response(request)

    return talkative


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
