"""A refresh token that was used before is refused, and that is all: the login goes on."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Nobody draws a conclusion."""
    from tokens_demo.models import TokenFamily

    TokenFamily.reused = lambda family: None  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
