"""A store that runs beside the instances, and everything the lab does to it: Redis, or a database server."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from authcompare.experiments.deployments.processes import descendants


class Server(Protocol):
    """What can run and be ended; it answers under the same address whenever it runs."""

    @property
    def pid(self) -> int: ...
    @property
    def directory(self) -> Path: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


Charge = Callable[[str, object], None]


class Store:
    """One server under the eyes of the watchdog, whatever is done to it.

    `stop`, `kill` and `start` may be called in any state; `start` waits until it answers.
    """

    def __init__(self, server: Server, charge: Charge, discharge: Charge, kind: str = "process") -> None:
        self._server = server
        self._charge, self._discharge, self._kind = charge, discharge, kind
        self._pid: int | None = None
        charge("directory", server.directory)

    @property
    def processes(self) -> list[int]:
        """Its process and the children that work for it; empty while it is away."""
        return [] if self._pid is None else [self._pid, *descendants(self._pid)]

    def start(self) -> None:
        """Start it, or start it again; Redis comes back empty, a database with what it had committed."""
        if self._pid is not None:
            return
        self._server.start()
        self._pid = self._server.pid
        self._charge(self._kind, self._pid)

    def stop(self) -> None:
        """As an operator stops it: what is under way is ended in order."""
        self._end(self._server.stop)

    def kill(self) -> None:
        """As a crash does."""
        self._end(self._server.kill)

    def freeze(self) -> None:
        """SIGSTOP: it keeps its connections and answers nobody."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on where it was."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End it for good and remove what it kept."""
        self.thaw()
        self.kill()
        self._server.close()
        self._discharge("directory", self._server.directory)

    def _end(self, act: Callable[[], None]) -> None:
        if self._pid is None:
            return
        act()
        self._discharge(self._kind, self._pid)
        self._pid = None

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):  # a worker of it may end at any moment
                os.kill(process, number)
