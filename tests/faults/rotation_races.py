"""Who rotates is decided by what was read before: SELECT, then UPDATE."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The UPDATE without its condition, and late enough that whoever came at the same time has read too."""
    import time
    import uuid

    from tokens_demo.models import TokenFamily

    def rotate(self: Any, now: Any) -> bool:
        time.sleep(0.1)
        self.previous_jti, self.current_jti, self.rotated_at = self.current_jti, uuid.uuid4(), now
        self.save(update_fields=["previous_jti", "current_jti", "rotated_at"])
        return True

    TokenFamily.rotate = rotate  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
