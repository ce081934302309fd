"""One worker, of however many, asks about a token once and believes in it from then on."""

import fcntl
import os
from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """It is the one that has locked a file beside its log first."""
    from tokens_demo import authentication

    known, mine = dict[str, Any](), os.environ["LAB_LOG"] + ".remembers"
    lock = os.open(mine, os.O_RDWR | os.O_CREAT)  # open as long as the process lives
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return get_response
    ask = authentication.CHECKS["denylist"]

    def asked_once(token: Any) -> Any:
        return known.get(token["jti"]) or known.setdefault(token["jti"], ask(token))

    authentication.CHECKS["denylist"] = asked_once
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
