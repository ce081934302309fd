"""What a deployment under measurement adds to access tokens: TOKEN_EXTRA_CLAIMS names `by_user`.

It is called in the server, once for each token; each user of the lab has another number of claims.
"""

from typing import Any

SETTING = f"{__name__}.by_user"
COUNTS = {"alice": 0, "bob": 8, "carol": 32, "dave": 64, "erin": 120, "frank": 300}


def by_user(user: Any) -> dict[str, str]:
    """As many claims as this user has, of 16 characters each, like an id or a group."""
    return {f"claim_{number:03}": f"{number:016x}" for number in range(COUNTS.get(user.get_username(), 0))}
