"""Logging out only makes the browser forget; the row stays."""

from typing import Any

from django.http import HttpResponse

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE, SESSION_COOKIE_NAME


def plant(get_response: Any) -> Any:
    """In front of the product's logout."""

    def logout_that_forgets(request: Any) -> Any:
        if request.path != "/sessions/logout/":
            return get_response(request)
        response = HttpResponse(status=204)
        response.delete_cookie(SESSION_COOKIE_NAME)
        return response

    return logout_that_forgets


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
