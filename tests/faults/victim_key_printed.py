"""The notes page prints the key of the session it was asked with."""

from typing import Any

from authcompare.experiments.victim.settings import *  # noqa: F403
from authcompare.experiments.victim.settings import MIDDLEWARE, SESSION_COOKIE_NAME


def plant(get_response: Any) -> Any:
    """After the product's page."""

    def printing(request: Any) -> Any:
        response = get_response(request)
        if request.path == "/sessions/" and response.status_code == 200:
            response.content += f"<p>Session {request.COOKIES.get(SESSION_COOKIE_NAME, '')}</p>".encode()
            del response.headers["Content-Length"]
        return response

    return printing


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
