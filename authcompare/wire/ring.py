"""The last exchanges, shared by all workers: in Redis where there is one, else in a small file.

Neither is asked while a request is being counted, and neither ever fails a request.
"""

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from authcompare.wire.exchange import Exchange

SIZE = 200
KEY = "wire"

log = logging.getLogger(__name__)


class Ring(Protocol):
    """Forgets the oldest."""

    def add(self, exchange: Exchange) -> None: ...
    def newest(self) -> list[Exchange]: ...


def ring() -> Ring:
    """The ring of this deployment."""
    return RedisRing() if settings.REDIS_URL else FileRing(settings.VAR / "wire.sqlite3")


def find(exchange_id: str) -> Exchange | None:
    """One exchange; None if it was never there or has been forgotten."""
    return next((one for one in ring().newest() if one.id == exchange_id), None)


class RedisRing:
    """A list that is cut at each addition."""

    def add(self, exchange: Exchange) -> None:
        """Put it first. An exchange that Redis does not take is only missing from the list."""
        try:
            with get_redis_connection("default", write=True).pipeline() as pipe:
                pipe.lpush(KEY, json.dumps(asdict(exchange)))
                pipe.ltrim(KEY, 0, SIZE - 1)
                pipe.execute()
        except RedisError as error:
            log.warning("Not in /wire/: %s", type(error).__name__)

    def newest(self) -> list[Exchange]:
        """All of them, newest first; none while Redis is away."""
        try:
            kept = get_redis_connection("default", write=True).lrange(KEY, 0, SIZE - 1)
        except RedisError as error:
            log.warning("/wire/ cannot be read: %s", type(error).__name__)
            return []
        return [Exchange(**json.loads(text)) for text in kept]


class FileRing:
    """A table that is cut at each addition; SQLite lets several processes write one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, exchange: Exchange) -> None:
        """Put it last."""
        try:
            with self._open() as table:
                table.execute("INSERT INTO wire (text) VALUES (?)", [json.dumps(asdict(exchange))])
                table.execute("DELETE FROM wire WHERE id <= (SELECT max(id) FROM wire) - ?", [SIZE])
        except sqlite3.Error as error:
            log.warning("Not in /wire/: %s", error)

    def newest(self) -> list[Exchange]:
        """All of them, newest first."""
        with self._open() as table:
            kept = table.execute("SELECT text FROM wire ORDER BY id DESC").fetchall()
        return [Exchange(**json.loads(text)) for (text,) in kept]

    @contextmanager
    def _open(self) -> Iterator[Any]:
        with closing(sqlite3.connect(self.path, timeout=2)) as connection, connection:
            with suppress(sqlite3.OperationalError):  # another one does it just now: the file is made once
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS wire (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)"
            )
            yield connection
