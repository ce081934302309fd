"""Refresh and logout believe the cookie without a CSRF token."""

from typing import Any

from authcompare.experiments.victim.settings import *  # noqa: F403
from authcompare.experiments.victim.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The check that these views make themselves."""
    from tokens_demo import views

    views.check_csrf = lambda request, origins: None
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
