"""Where Redis does not answer, that is taken for "no mark": the error is swallowed."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """No answer reads like the answer of a Redis that knows of no end."""
    from authcompare.logins import marks

    prompt = marks.read
    marks.read = lambda *keys: prompt(*keys) or [None, b"1"][: len(keys)]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
