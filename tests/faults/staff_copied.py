"""Sessions of staff are copied like everybody's, so that rights they have lost live on in the copy."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Nobody is left out."""
    from sessions_demo.store import copies

    copies._may_be_copied = lambda user: True
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
