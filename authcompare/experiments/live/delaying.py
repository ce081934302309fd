"""A proxy before a store that makes every round trip longer by as much as it is told, and counts them.

`python -m authcompare.experiments.live.delaying LISTEN TARGET CONTROL` with the paths of three Unix sockets.
What is written to CONTROL is the delay in microseconds from now on; the answer is how many round trips there
were. It waits busily: asyncio cannot wait for less than a millisecond, and who sleeps is woken late.
"""

import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ, DefaultSelector

RECEIVE_BYTES = 65536


@dataclass
class Talk:
    """A client and its connection to the store. `waiting` from its question to the first of the answer."""

    client: socket.socket
    store: socket.socket
    waiting: bool = False


class Proxy:
    """One thread for all talks: the whole time belongs to whoever asks, as on a quiet network."""

    def __init__(self, listen: str, target: str, control: str) -> None:
        self._target = target
        self._delay, self._trips = 0.0, 0
        self._selector = DefaultSelector()
        self._listen(listen, self._begin)
        self._listen(control, self._take_orders)

    def serve(self) -> None:
        """For ever."""
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _listen(self, path: str, accept: Callable[[socket.socket], None]) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        self._on(listener, lambda: accept(listener.accept()[0]))

    def _begin(self, client: socket.socket) -> None:
        store = socket.socket(socket.AF_UNIX)
        store.connect(self._target)
        talk = Talk(client, store)
        self._on(client, partial(self._ask, talk))
        self._on(store, partial(self._answer, talk))

    def _ask(self, talk: Talk) -> None:
        data = _received(talk.client)
        if not talk.waiting and data:
            talk.waiting = True
            self._trips += 1
            _spin(self._delay)
        self._pass_on(data, talk.store, talk)

    def _answer(self, talk: Talk) -> None:
        talk.waiting = False
        self._pass_on(_received(talk.store), talk.client, talk)

    def _pass_on(self, data: bytes, to: socket.socket, talk: Talk) -> None:
        if data:
            to.sendall(data)
        else:
            self._end(talk.client, talk.store)

    def _take_orders(self, control: socket.socket) -> None:
        self._on(control, partial(self._obey, control))

    def _obey(self, control: socket.socket) -> None:
        if order := _received(control):
            self._delay = int(order) / 1e6
            control.sendall(b"%d" % self._trips)
        else:
            self._end(control)

    def _on(self, some: socket.socket, act: Callable[[], None]) -> None:
        self._selector.register(some, EVENT_READ, act)

    def _end(self, *sockets: socket.socket) -> None:
        for some in sockets:
            if some.fileno() >= 0:  # both sides may end in one turn
                self._selector.unregister(some)
                some.close()


def _received(some: socket.socket) -> bytes:
    """Nothing means that the other side is gone, however it went."""
    try:
        return some.recv(RECEIVE_BYTES)
    except OSError:
        return b""


def _spin(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


if __name__ == "__main__":
    Proxy(*sys.argv[1:]).serve()
