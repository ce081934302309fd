"""A signing key that is gone from its directory still verifies."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Keys are added to the ring and never taken out of it."""
    from tokens_demo.tokens import keys

    look, known = keys.KeyRing._look_now, dict[str, Any]()

    def look_and_keep(ring: Any) -> None:
        look(ring)
        known.update(ring._keys)
        ring._keys = dict(known)

    keys.KeyRing._look_now = look_and_keep
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
