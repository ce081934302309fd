"""The mark both kinds of login use: a key in Redis that says "ask the database".

A mark never says "ended", so one without an end costs a query and does no harm. Readers that keep a copy
(sessions) or none at all (access tokens) fetch the mark with everything else they need in one round trip.
"""

import logging
import threading
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from authcompare.logins.connections import Connections, Question

AWAY_SECONDS = 1.0  # how long readers leave a Redis alone that did not answer
COPY_SECONDS = 60  # nothing taken from the database may be believed longer than this

log = logging.getLogger(__name__)


def mark_seconds() -> int:
    """How long a mark lives: longer than every copy and, where there are any, every access token."""
    return max(600, getattr(settings, "TOKEN_ACCESS_SECONDS", 0))


def mark_key(shown: str) -> str:
    """`shown` is what the credential shows: the hash of a session key, or the `sid` of a token."""
    return f"mark:{shown}"


def redis() -> Any:
    """The primary: a replica may not have the mark yet."""
    return get_redis_connection("default", write=True)


@cache
def aside(url: str) -> Connections:
    """Those beside the client's, for the Redis that stands at this address."""
    return Connections(redis().connection_pool)


class Breaker:
    """One attempt per second per process while Redis is away, so that nobody queues for time-outs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._away_until = 0.0

    def allows(self) -> bool:
        """True if Redis may be asked now; while it is away, to one caller a second."""
        if self._away_until == 0.0:
            return True
        with self._lock:
            if time.monotonic() < self._away_until:
                return False
            self._away_until = time.monotonic() + AWAY_SECONDS
            return True

    def failed(self, error: RedisError) -> None:
        """Redis did not answer: leave it alone for a second."""
        if self._away_until == 0.0:
            log.warning("Redis is away, asking the database instead: %s", type(error).__name__)
        self._away_until = time.monotonic() + AWAY_SECONDS

    def worked(self) -> None:
        """Redis answered."""
        self._away_until = 0.0


breaker = Breaker()


def ask(*keys: str) -> Question | None:
    """Ask for the values of `keys`, in one round trip; None if Redis is away."""
    url = settings.REDIS_URL
    if not url or not breaker.allows():
        return None
    try:
        return aside(url).ask("MGET", *keys)
    except RedisError as error:
        breaker.failed(error)
        return None


def answer(question: Question | None) -> list[bytes | None] | None:
    """The values; None if Redis is away, then ask the database."""
    if question is None:
        return None
    try:
        values: list[bytes | None] = question.answer()
    except RedisError as error:
        breaker.failed(error)
        return None
    breaker.worked()
    return values


def read(*keys: str) -> list[bytes | None] | None:
    """Ask and wait for the answer."""
    return answer(ask(*keys))


def write(shown: Iterable[str]) -> bool:
    """Mark each of `shown`; tries Redis even while readers avoid it. False if the marks were not written."""
    names = list(shown)
    if not settings.REDIS_URL or not names:
        return True
    try:
        with redis().pipeline(transaction=False) as pipe:
            for name in names:
                pipe.set(mark_key(name), b"1", ex=mark_seconds())
            pipe.execute()
    except RedisError as error:
        breaker.failed(error)
        log.error("Marks not written (%s): copies may live for %s s", type(error).__name__, COPY_SECONDS)
        return False
    return True
