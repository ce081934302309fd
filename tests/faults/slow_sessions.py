"""Session cookies are read five milliseconds later, before anything is looked up."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE
from tests.faults.slow_tokens import later


def plant(get_response: Any) -> Any:
    """Wait, busily, before each session cookie is looked at."""
    from sessions_demo.authentication import SessionAuthentication

    SessionAuthentication.authenticate = later(SessionAuthentication.authenticate)  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
