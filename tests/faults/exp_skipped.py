"""Expired tokens are as good as others."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Verification without the times."""
    from tokens_demo.tokens import backend

    backend._check_times = lambda claims: None
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
