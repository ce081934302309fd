"""Other ways to send a request than on one connection that is kept."""

from authcompare.experiments.deployments.deployment import Broken, Door
from authcompare.experiments.exchanges.wire import Answer, Connection, connections_to_every_worker


class NewEachTime(Connection):
    """Connects for every exchange, and the time that takes is part of it."""

    def open(self) -> None:
        """Nothing: a connection that is there before the exchange would not be a new one."""

    def exchange(self, request: bytes) -> Answer:
        super().open()
        try:
            return super().exchange(request)
        finally:
            self.close()


class ToEveryWorker(Connection):
    """One connection to each worker, used in turn. Raises Broken if there are not so many workers."""

    def __init__(self, door: Door, workers: int) -> None:
        super().__init__(door)
        self._kept = connections_to_every_worker(door)
        if len(self._kept) != workers:
            raise Broken(f"{len(self._kept)} of {workers} workers of {door.host} accepted a connection.")

    def open(self) -> None:
        for connection in self._kept:
            connection.open()

    def exchange(self, request: bytes) -> Answer:
        self._kept.append(self._kept.pop(0))
        return self._kept[-1].exchange(request)
