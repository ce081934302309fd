"""One password at a time: hashing keeps a core busy for up to half a second, by design.

Without a bound a storm of logins takes every thread of a process, and who is logged in already waits behind
passwords that are not theirs. With it one thread hashes, a few wait for their turn, and the others stay free;
for whom there is no room it is said at once (OWASP API4:2023).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import make_password
from rest_framework import exceptions, status

ROOM = 6  # who hash or wait for their turn, in one process: fewer than it has threads (eight, see the README)

_room, _turn = threading.BoundedSemaphore(ROOM), threading.Lock()


class Busy(exceptions.APIException):
    """503 with Retry-After: this process checks as many passwords as it can."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The server is checking many passwords just now. Try again in a second."
    default_code = "busy"
    wait = 1  # seconds; DRF makes Retry-After of it


@contextmanager
def turn() -> Iterator[None]:
    """While it is held, nobody else hashes in this process. Raises Busy where too many wait already."""
    if not _room.acquire(blocking=False):
        raise Busy
    try:
        with _turn:
            yield
    finally:
        _room.release()


def encoded(password: str) -> str:
    """The password as it is stored. Not within a transaction: who waits for a turn must hold no lock."""
    with turn():
        return make_password(password)
