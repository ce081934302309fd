"""Every refresh leaves a row, as stock SimpleJWT's outstanding tokens do."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Rotation inserts another family beside the one it rotates."""
    import uuid

    from tokens_demo.models import TokenFamily

    prompt = TokenFamily.rotate

    def rotate_and_add(self: Any, now: Any) -> bool:
        rotated = prompt(self, now)
        beginning = TokenFamily.beginning(now)
        TokenFamily.objects.create(pk=uuid.uuid4(), user=self.user, **beginning)
        return rotated

    TokenFamily.rotate = rotate_and_add  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
