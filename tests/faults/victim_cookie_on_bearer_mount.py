"""Where a token should be shown, a session cookie does as well, and nobody asks for the CSRF token."""

from typing import Any

from authcompare.experiments.victim.settings import *  # noqa: F403
from authcompare.experiments.victim.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The bearer's authenticator, or the session's user."""
    from tokens_demo.authentication import BearerAuthentication

    strict = BearerAuthentication.authenticate

    def lenient(self: Any, request: Any) -> Any:
        user = request._request.session.user
        return strict(self, request) or ((user, None) if user else None)

    BearerAuthentication.authenticate = lenient  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
