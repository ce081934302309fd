"""What the product promises about each store and each check mode; the lab holds it to that."""

from authcompare.experiments.claim import Guarantees
from authcompare.experiments.verdict import Figure

COPY_SECONDS = 60  # how long a copy of a session, and of its user, may live in Redis
ACCESS_SECONDS = 300  # how long an access token lives, where nobody sets another time

SESSIONS = {
    "database": Guarantees(0, 0, 0, "row", sql=1, redis=0),
    "cached": Guarantees(0, 0, COPY_SECONDS, "copy", sql=0, redis=1),
    "memory": Guarantees(0, 0, 0, "row", sql=1, redis=0),  # in one process; another knows nothing of it
}


def by_check(access_seconds: int) -> dict[str, Guarantees]:
    """By TOKEN_CHECK; what an access token says is as old as the token."""
    return {
        "none": Guarantees(access_seconds, access_seconds, access_seconds, "claims", sql=0, redis=0),
        "denylist": Guarantees(0, 0, access_seconds, "claims", sql=0, redis=1),
        "database": Guarantees(0, 0, 0, "row", sql=1, redis=0),
    }


def of_tokens(check: str, access_seconds: int) -> Guarantees:
    """Under one TOKEN_CHECK."""
    return by_check(access_seconds)[check]


def in_production(what: str) -> Figure:
    """How long an access token that nobody checks may be believed, by its default life."""
    note = "the setting, not seen; half of it on average"
    return Figure(f"{what} in production, at worst", ACCESS_SECONDS, "s", 0, note=note)
