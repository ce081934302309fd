"""A refresh token opens what an access token opens."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Whatever type the header names, it is the one wanted."""
    from tokens_demo.tokens import backend

    wanted = backend._key_for
    backend._key_for = lambda header, typ: wanted({**header, "typ": typ}, typ)
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
