"""Fast, because nothing is verified: what a benchmark would call a winner."""

from typing import Any

import jwt

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Claims are read and believed."""
    from tokens_demo.tokens import backend

    backend.decode = lambda token, typ: jwt.decode(token, options={"verify_signature": False})
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
