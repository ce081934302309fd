"""An end writes the row and forgets the mark, so copies in Redis live on.

A Redis that is late is waited for: the database, which is asked otherwise, knows of the end.
"""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import CACHES, MIDDLEWARE
from tests.patience import patient


def plant(get_response: Any) -> Any:
    """Redis is told nothing, and the end believes that it was."""
    from authcompare.logins import marks

    marks.write = lambda logins: True
    return get_response


CACHES = patient(CACHES)
MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
