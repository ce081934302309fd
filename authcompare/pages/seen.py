"""What the server was seen to do before it let a request in, and the sentences that say it."""

from dataclasses import dataclass
from typing import Self

from authcompare.logins.models import Login
from authcompare.wire.exchange import Exchange


@dataclass(frozen=True)
class Seen:
    """Whether a signature was checked or made, Redis asked, and the row of a login read."""

    signature: bool
    redis: bool
    row: bool

    @classmethod
    def of(cls, exchange: Exchange) -> Self:
        """By what the wire has counted."""
        costs = exchange.costs
        tables = [f'FROM "{kind._meta.db_table}"' for kind in Login.kinds()]
        return cls(
            signature=costs["signature"]["count"] > 0,
            redis=costs["redis"]["count"] > 0,
            row=any(table in statement["what"] for statement in costs["sql"]["parts"] for table in tables),
        )


def session_let_in(seen: Seen) -> str:
    """By the store that knew the session."""
    if not seen.redis and not seen.row:
        return "Let in. The server found the session in the memory of this process, and you in the database."
    looked = {
        (True, False): "looked the session up in Redis",
        (False, True): "looked the session up in the database",
        (True, True): "asked Redis, which had no copy to believe, looked the session up in the database",
    }[seen.redis, seen.row]
    return f"Let in. The server hashed the cookie, {looked}, and found you."


def token_let_in(seen: Seen) -> str:
    """By the token alone, or by whoever was asked about it."""
    checked = "checked the signature and the times"
    if not seen.signature:
        checked = (
            "had checked the signature of this very token before and remembers that; it checked the times"
        )
    asked = {
        (False, False): "took the token's word for who you are",
        (True, False): "took the token's word for who you are, but asked Redis whether the login had ended",
        (False, True): "asked the database whether the login had ended and who you are",
        (True, True): "asked Redis, which was not sure, and so the database, whether the login had ended and "
        "who you are",
    }[seen.redis, seen.row]
    return f"Let in. The server {checked}, and {asked}."


def token_still_let_in(seen: Seen) -> str:
    """After an end that whoever was asked had not heard of."""
    if seen.redis:
        return "Still let in: this server asks Redis (TOKEN_CHECK=denylist), which had not heard of the end."
    return (
        "Still let in: the signature is right, the time is not over, and nobody asks the row "
        "(TOKEN_CHECK=none). It works until it expires. Only the refresh is refused."
    )
