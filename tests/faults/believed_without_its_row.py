"""With check=database a token is believed while the database does not answer."""

from typing import Any

from django.db import DatabaseError

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The user is taken from the token's word where no row can be had."""
    from tokens_demo import authentication

    ask = authentication.CHECKS["database"]

    def asked_or_believed(token: Any) -> Any:
        try:
            return ask(token)
        except DatabaseError:
            return authentication.by_claims(token)

    authentication.CHECKS["database"] = asked_or_believed
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
