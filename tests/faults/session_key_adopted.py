"""Session fixation: a login goes on under the key that the browser brought along, whoever made it up."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """A new session takes the key that was shown."""
    from sessions_demo import store

    def create_as_shown(session: Any) -> None:
        session._session_key = session._shown or store.new_key()
        session.save(must_create=True)
        session.modified = True

    store.SessionStore.create = create_as_shown
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
