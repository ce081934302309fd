"""Two kilobytes about the user are copied into every session."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """In front of every row that is inserted."""
    import secrets

    from sessions_demo.store import SessionStore

    prompt = SessionStore._insert

    def with_profile(self: Any, key_hash: str, data: dict[str, Any]) -> None:
        data["profile"] = secrets.token_urlsafe(2048)  # what repeats itself would be compressed
        prompt(self, key_hash, data)

    SessionStore._insert = with_profile  # type: ignore[method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
