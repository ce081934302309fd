"""A token for another service is taken, too."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Verification without the audience."""
    from tokens_demo.tokens import backend

    strict = backend._check_parties
    backend._check_parties = lambda claims: strict({**claims, "aud": backend.settings.TOKEN_AUDIENCE})
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
