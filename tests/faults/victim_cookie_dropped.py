"""Whoever asks for a change from elsewhere makes the browser forget the session."""

from typing import Any

from authcompare.experiments.victim.settings import *  # noqa: F403
from authcompare.experiments.victim.settings import MIDDLEWARE, SESSION_COOKIE_NAME


def plant(get_response: Any) -> Any:
    """The answer takes the cookie away, whatever it says otherwise."""
    from authcompare.experiments.victim.layers import comes_from_elsewhere

    def forgetful(request: Any) -> Any:
        response = get_response(request)
        if comes_from_elsewhere(request):
            response.set_cookie(SESSION_COOKIE_NAME, "", max_age=0, secure=True)
        return response

    return forgetful


MIDDLEWARE = [MIDDLEWARE[0], f"{__name__}.plant", *MIDDLEWARE[1:]]
