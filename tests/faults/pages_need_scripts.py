"""A form that only a script could complete, and an API login that asks for a cookie."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The hidden field is left to a script; a program is told to come with a CSRF cookie."""
    from authcompare.problems import problem

    def demanding(request: Any) -> Any:
        if request.path == "/tokens/login/" and "csrftoken" not in request.COOKIES:
            return problem(403, "csrf", "Come with the cookie.")
        response = get_response(request)
        if request.path == "/sessions/login/" and request.method == "GET":
            response.content = response.content.replace(b'name="csrfmiddlewaretoken"', b"data-by-script")
            response["Content-Length"] = str(len(response.content))
        return response

    return demanding


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
