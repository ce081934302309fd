"""An end writes the row and forgets the mark, so copies in Redis live on."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Redis is told nothing, and the end believes that it was."""
    from authcompare.logins import marks

    marks.write = lambda logins: True
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
