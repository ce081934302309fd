"""Connections to Redis for the one question of every request, at little more than the price of a round trip.

A client of redis-py takes as long again over it: it borrows a connection, polls whether it still lives, keeps
metrics and gives it back. These connections are made as the client would make them (address, TLS, time-outs),
but kept aside: each has only ever sent questions and read every answer to its end.
"""

import os
import time
from collections import deque
from typing import Any

from hiredis import pack_command
from redis.exceptions import ConnectionError as Lost


class Connections:
    """As many as there were ever questions at once."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.idle: deque[Any] = deque()
        # A child that shared a connection with its parent would read the parent's answers.
        os.register_at_fork(after_in_child=self.idle.clear)

    def ask(self, *command: str) -> "Question":
        """Send a command that only reads. Raises RedisError."""
        return Question(self, command)

    def new(self) -> Any:
        """One that is not connected yet."""
        return self._pool.connection_class(**self._pool.connection_kwargs)


class Question:
    """A command that was sent. Until its answer has been read, its connection is nobody else's.

    One that was lost while it was idle, because Redis restarted, is replaced, and the command sent again.
    """

    def __init__(self, connections: Connections, command: tuple[str, ...]) -> None:
        self.command, self.asked_at = command, time.monotonic()
        self._connections = connections
        self._connection: Any = None
        try:
            self._send(connections.idle.pop())
        except (IndexError, Lost):
            self._send_anew()

    def _send(self, connection: Any) -> None:
        packed = pack_command(self.command)  # type: ignore[arg-type]  # its stub knows tuples of one only
        connection.send_packed_command([packed], check_health=False)
        self._connection = connection

    def _send_anew(self) -> None:
        self._connections.idle.clear()  # lost as well
        self._send(self._connections.new())

    def answer(self) -> Any:
        """What Redis says; to be read once. Raises RedisError."""
        try:
            answer = self._connection.read_response()
        except Lost:
            self._send_anew()
            answer = self._connection.read_response()
        # Only now: on one that failed or was interrupted, the next to ask might read somebody else's answer.
        connection, self._connection = self._connection, None
        self._connections.idle.append(connection)
        return answer
