"""With check=database a live login is enough, whosever it is."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The login is looked up, the user is taken from the token's word."""
    from tokens_demo import authentication

    def of_anybody(token: Any) -> Any:
        if authentication.LIVE.first(pk=token.login_id, now=authentication.timezone.now()) is None:
            raise authentication.InvalidToken
        return authentication.by_claims(token)

    authentication.CHECKS["database"] = of_anybody
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
