"""The key that signs with HS256 is published like a public one."""

from dataclasses import replace
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The secret stands in the JWK set."""
    from tokens_demo.tokens import keys

    read = keys._read_secret

    def read_and_tell(file: Any, not_before: int) -> Any:
        key = read(file, not_before)
        return replace(key, public={"kty": "oct", "kid": key.kid, "k": key.signs_with.hex()})

    keys._read_secret = read_and_tell
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
