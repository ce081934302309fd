"""Server processes on the database of the test that runs, SQLite or PostgreSQL."""

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from django.db import connection

from authcompare.experiments.servers import ADDRESS, Instance

PATIENCE_SECONDS = 30
PORTS = range(20_000, 32_768)  # below those that the kernel gives to whoever does not ask for one


def free_port() -> int:
    """A port that nobody listens on now, nor gets by accident before a server of ours listens there."""
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind((ADDRESS, port))
            return port


def database_url() -> str:
    """The test database as a deployment would name it."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    who = f"{place['USER']}:{place['PASSWORD']}@" if place["USER"] else ""
    return f"postgres://{who}{place['HOST']}:{place['PORT']}/{place['NAME']}"


@contextmanager
def served(number: int, place: Path, workers: int = 1, **settings: str) -> Iterator[list[Instance]]:
    """So many instances with so many workers each; `place` takes what they write."""
    environment = {
        "PATH": os.environ["PATH"],
        "LAB": "1",
        "DEBUG": "0",
        "LAB_FAST_HASHER": "1",
        "LOGIN_LIMIT": "100000",
        "SECRET_KEY": "of these tests only, and long enough for everybody",
        "DATABASE_URL": database_url(),
        "TOKEN_KEYS": str(place / "keys"),
        "LAB_LOG": str(place / "log"),
        "DJANGO_SETTINGS_MODULE": "tests.served_settings",
        "RESULTS_IN": str(place),
        **settings,
    }
    application = "authcompare.wsgi:application"
    instances = [Instance(environment, workers, 4, application) for _ in range(number)]
    try:
        for instance in instances:
            instance.start()
        for instance in instances:
            wait_for(instance)
        yield instances
    finally:
        for instance in instances:
            instance.close()


def until(reached: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Back when it is so; fails if it is not by then."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for(instance: Instance) -> None:
    """Back when it answers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and not instance.has_ended():
        try:
            send(instance.port, "GET", "/healthz")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no server: {instance.last_words()}")


def send(port: int, method: str, path: str, sent: Any = None, access: str = "") -> tuple[int, Any]:
    """One request on a connection of its own: status and JSON."""
    server = HTTPConnection(ADDRESS, port, timeout=PATIENCE_SECONDS)
    headers = {"Content-Type": "application/json"}
    if access:
        headers["Authorization"] = f"Bearer {access}"
    try:
        server.request(method, path, None if sent is None else json.dumps(sent), headers)
        answer = server.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None
    finally:
        server.close()
