"""An unchecked token that is checked all the same: one query more per request, which nobody asked for."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Ask the database before each token is looked at."""
    from authcompare.accounts.models import User
    from tokens_demo.authentication import BearerAuthentication

    plain = BearerAuthentication.authenticate

    def asking(self: Any, request: Any) -> Any:
        User.objects.filter(username="alice").exists()
        return plain(self, request)

    BearerAuthentication.authenticate = asking  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
