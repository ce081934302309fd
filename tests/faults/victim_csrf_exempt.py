"""Nothing checks for forged requests, and cookies go along from everywhere."""

from typing import Any

from authcompare.experiments.victim.settings import *  # noqa: F403
from authcompare.experiments.victim.settings import MIDDLEWARE


def exempt(get_response: Any) -> Any:
    """Innermost, so that it comes before Django takes hold of the check."""
    from django.middleware.csrf import CsrfViewMiddleware

    CsrfViewMiddleware.process_view = lambda *arguments: None  # type: ignore[method-assign]
    return get_response


def send_everywhere(get_response: Any) -> Any:
    """Outermost, so that nobody says otherwise afterwards."""

    def sending(request: Any) -> Any:
        response = get_response(request)
        for cookie in response.cookies.values():
            cookie["samesite"] = "None"
        return response

    return sending


MIDDLEWARE = [f"{__name__}.send_everywhere", *MIDDLEWARE, f"{__name__}.exempt"]
