"""A renewal proved by cookies alone answers with the new token in the body, too."""

from typing import Any

from authcompare.experiments.victim.settings import *  # noqa: F403
from authcompare.experiments.victim.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """Whatever the transport."""
    from tokens_demo import views

    deliver = views.deliver

    def telling(request: Any, family: Any, access: str) -> Any:
        response = deliver(request, family, access)
        response.data["access"] = access
        return response

    views.deliver = telling
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
