"""A store as if it stood further away: the same server behind a proxy that delays every round trip to it."""

import os
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from authcompare.experiments.deployments.deployment import Broken, Door
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.servers import Program

PATIENCE_SECONDS = 10
LOOK_EVERY_SECONDS = 0.02
PINGS = 200


class Distance(Program):
    """A proxy before the store that listens at `near`."""

    def __init__(self, near: Path) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="authcompare-distance-"))
        self._near = near.parent
        self.socket, self._orders = self.directory / near.name, self.directory / "orders"
        paths = (self.socket, near, self._orders)
        command = [sys.executable, "-m", "authcompare.experiments.live.delaying", *map(str, paths)]
        super().__init__(command, {"PATH": os.environ["PATH"]}, self.directory / "log")
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Back when it takes orders. Raises Broken."""
        super().start()
        self._control = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._control.connect_ex(str(self._orders)) != 0:
            if self.has_ended() or time.monotonic() > deadline:
                raise Broken(f"The delaying proxy did not start: {self.last_words()}")
            time.sleep(LOOK_EVERY_SECONDS)

    def far(self, url: str) -> str:
        """The store's URL for those who are to ask through the proxy."""
        return url.replace(str(self._near), str(self.directory))

    def set(self, ms: float) -> int:
        """Every round trip takes so much longer from now on; how many there have been."""
        assert self._control is not None
        self._control.sendall(b"%d" % round(ms * 1000))
        return int(self._control.recv(64))

    def close(self) -> None:
        """End it and remove its sockets."""
        if self._control is not None:
            self._control.close()
        super().close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Distant(Connection):
    """A connection whose requests find the store at this distance."""

    def __init__(self, door: Door, distance: Distance, ms: float) -> None:
        super().__init__(door)
        self._distance, self._ms = distance, ms

    def open(self) -> None:
        self._distance.set(self._ms)
        super().open()


def ping_ms(redis: Path) -> float:
    """A round trip to Redis by this socket, nothing else: median."""
    return median(pings(redis))


def pings(redis: Path) -> list[float]:
    """Milliseconds of each of some round trips to Redis by this socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(redis))
        return [_ping(connection) for _ in range(PINGS)]


def _ping(connection: socket.socket) -> float:
    started = time.perf_counter()
    connection.sendall(b"PING\r\n")
    if connection.recv(64) != b"+PONG\r\n":
        raise Broken("Redis did not answer a ping.")
    return (time.perf_counter() - started) * 1000
