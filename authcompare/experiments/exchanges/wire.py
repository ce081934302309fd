"""One kept-alive HTTP/1.1 connection, cheap enough for the client not to be what is measured."""

import json
import re
import select
import socket
import ssl
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from authcompare.experiments.deployments.deployment import Broken, Door
from authcompare.experiments.deployments.processes import children, owner_of

TIMEOUT_SECONDS = 10
RECEIVE_BYTES = 65536
WORKERS_SECONDS, LOOK_EVERY_SECONDS = 40, 0.01
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What came back. Status 0: nothing did, and `failure` says why. No status is an exception."""

    head: bytes = b""
    body: bytes = b""
    failure: str = ""

    @cached_property
    def status(self) -> int:
        """The status code; 0 without an answer."""
        return 0 if self.failure else int(self.head[9:12])

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Names in lower case, in the order sent."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines)
        return [(name.lower(), value.strip()) for name, _, value in pairs]

    def header(self, name: str) -> str:
        """The first header of that name; empty without one."""
        return next((value for key, value in self.headers if key == name), "")

    @cached_property
    def json(self) -> Any:
        """The body as JSON; an empty object where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def cookies(self) -> dict[str, str]:
        """What Set-Cookie asks to keep; an empty value asks to forget."""
        pairs = (value.partition(";")[0].partition("=") for key, value in self.headers if key == "set-cookie")
        return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


class Connection:
    """Connects when first used, and again where the server has closed in between."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._socket: socket.socket | None = None

    def send(self, request: bytes) -> Answer:
        """Send a whole request and wait for the whole answer; a failure is an answer too."""
        try:
            self.open()
            return self.exchange(request)
        except (OSError, ValueError) as error:
            self.close()
            return Answer(failure=f"{type(error).__name__}: {error}")

    def exchange(self, request: bytes) -> Answer:
        """The same without looking at the connection first: the part that is timed. Raises OSError."""
        assert self._socket is not None
        self._socket.sendall(request)
        head, _, rest = self._until(b"", b"\r\n\r\n").partition(b"\r\n\r\n")
        if CHUNKED.search(head):
            return Answer(head, self._chunks(rest))
        length = LENGTH.search(head)
        return Answer(head, self._exactly(rest, int(length[1]) if length else 0))

    def open(self) -> None:
        """Connect unless a living connection is there."""
        if self._socket is not None and not _has_come(self._socket):
            return
        self.close()
        raw = socket.create_connection((self.door.address, self.door.port), TIMEOUT_SECONDS)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = _trusting(self.door) if self.door.tls else None
        self._socket = tls.wrap_socket(raw, server_hostname=self.door.host) if tls else raw

    def close(self) -> None:
        """Close; the next request connects again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @property
    def local_port(self) -> int:
        """The client's side of it, by which the kernel's tables tell who accepted it."""
        assert self._socket is not None
        return int(self._socket.getsockname()[1])

    def _until(self, got: bytes, mark: bytes) -> bytes:
        while mark not in got:
            got += self._receive()
        return got

    def _exactly(self, got: bytes, length: int) -> bytes:
        while len(got) < length:
            got += self._receive()
        return got[:length]

    def _chunks(self, got: bytes) -> bytes:
        body = b""
        while True:
            size, _, got = self._until(got, b"\r\n").partition(b"\r\n")
            length = int(size.split(b";")[0], 16)
            got = got + self._receive() if len(got) < length + 2 else got
            while len(got) < length + 2:
                got += self._receive()
            if length == 0:
                return body
            body, got = body + got[:length], got[length + 2 :]

    def _receive(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionError("the server closed the connection before it had answered")
        return data


def _has_come(idle: socket.socket) -> bool:
    """What comes on an idle connection is its end. `select` knows no more than 1024 connections."""
    looking = select.poll()
    looking.register(idle, select.POLLIN)
    return bool(looking.poll(0))


def _trusting(door: Door) -> ssl.SSLContext:
    """Public authorities; of the lab's own servers, the one certificate, whatever name they go by."""
    context = ssl.create_default_context(cafile=str(door.certificate) if door.certificate else None)
    context.check_hostname = door.certificate is None
    return context


def connections_to_every_worker(door: Door) -> list[Connection]:
    """One connection per worker process: a kept connection stays with the worker that accepted it.

    Where there is one worker, or the kernel does not say whose connection it is, one connection. A worker
    that has just been started may not accept any yet, and is waited for. Raises Broken.
    """
    return _one_each(door) if len(_workers(door)) > 1 else [_connected(door)]


def _one_each(door: Door) -> list[Connection]:
    found: dict[int, Connection] = {}
    deadline = time.monotonic() + WORKERS_SECONDS
    while len(found.keys() & (workers := _workers(door))) < max(2, len(workers)):
        if time.monotonic() > deadline:
            raise Broken(f"{len(found)} of {len(workers)} workers of {door.host} accepted a connection.")
        connection = _connected(door)
        if not connection.send(_healthz(door)).status:  # accepted for certain only once it has answered
            continue
        owner = owner_of(connection.local_port, door.port, workers)
        if owner is None and not found:
            return [connection]
        if owner is None or found.setdefault(owner, connection) is not connection:
            connection.close()
            time.sleep(LOOK_EVERY_SECONDS)
    return [found[worker] for worker in workers]


def _workers(door: Door) -> list[int]:
    return children(door.process) if door.process else []


def _connected(door: Door) -> Connection:
    connection = Connection(door)
    connection.open()
    return connection


def _healthz(door: Door) -> bytes:
    return f"GET /healthz HTTP/1.1\r\nHost: {door.authority}\r\n\r\n".encode()
