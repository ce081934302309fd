"""A deployment: what a claim asks to have started, and what it gets to talk to."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from authcompare.experiments.deployments.stores import Store

DEFAULTS = {
    "LAB": "1",
    "DEBUG": "0",
    "LAB_FAST_HASHER": "1",  # a login costs half a second otherwise; no claim so far times a login
    "LOGIN_LIMIT": "100000",  # the budget for guessing would answer 429 to the lab itself
}
DELAYED = "authcompare.experiments.deployments.delayed:application"
DELAY_HEADER = "X-Lab-Delay"  # microseconds that a delayed application waits, busily, before it answers


class Broken(Exception):
    """The harness failed. It says nothing about the claim, neither for nor against."""


class Skipped(Exception):
    """It cannot be measured here; the message says what is missing and how to get it."""


class Stopped(Exception):
    """Somebody asked for the end while a visit was waiting."""


@dataclass(frozen=True)
class Deployment:
    """One way to run the system. `settings` are environment variables, as an operator would set them.

    Claims that ask for the same share one that runs, unless it is `exclusive`: for a claim that kills or
    restarts something, changes what its users are, or weighs what is kept.
    """

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    instances: int = 1
    workers: int = 1
    threads: int = 2
    application: str = "authcompare.wsgi:application"
    tls: bool = False  # for browsers, which treat names under .test as sites of their own
    exclusive: bool = False
    database: str = "sqlite"  # or "postgresql": a server of its own, which needs PostgreSQL's programs
    own_keys: bool = False  # each instance has a key directory of its own; they begin alike

    def serves(self, other: "Deployment") -> bool:
        """Whether what `other` asks for runs already where this one does; names aside."""
        return not self.exclusive and replace(other, name=self.name) == self

    @property
    def host(self) -> str:
        """Its own host name: cookies ignore ports, so two deployments on one name share a jar."""
        return f"{self.name}.{'test' if self.tls else 'localhost'}"

    @property
    def vendor(self) -> str:
        """Of the database; a DATABASE_URL among the settings names one that is not the lab's."""
        named = self.settings.get("DATABASE_URL", "").startswith("postgres")
        return "postgresql" if named else self.database

    @property
    def environment(self) -> dict[str, str]:
        """Everything that is asked for, and therefore everything that has to be attested."""
        return {**DEFAULTS, **self.settings}

    @property
    def needs_redis(self) -> bool:
        """Whether a setting reads or writes Redis; a REDIS_URL among them names one that is not the lab's."""
        wanted = self.environment
        asks = wanted.get("SESSION_STORE") == "cached" or wanted.get("TOKEN_CHECK") == "denylist"
        return asks and "REDIS_URL" not in self.settings


@dataclass(frozen=True)
class Door:
    """Where one instance listens. `process` is its process id where the lab started it."""

    host: str
    address: str
    port: int
    tls: bool = False
    process: int | None = None
    certificate: Path | None = None  # the very one it has to show, where no public authority vouches for it

    @classmethod
    def of(cls, url: str) -> "Door":
        """The door behind the URL of a deployment that already runs."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"'{url}' is no URL of a server; write http://host:port or https://host.")
        tls = parts.scheme == "https"
        return cls(parts.hostname, parts.hostname, parts.port or (443 if tls else 80), tls)

    @property
    def authority(self) -> str:
        """What stands in the Host header."""
        return self.host if self.port == (443 if self.tls else 80) else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """What stands in the Origin header."""
        return f"{'https' if self.tls else 'http'}://{self.authority}"


@dataclass(frozen=True)
class Places:
    """Where its stores are looked into from outside: a file or a socket's directory, and Redis's URL."""

    sqlite: Path | None = None
    postgres: Path | None = None
    redis: str = ""

    @property
    def digest(self) -> str:
        """As `/readyz` says it, where a server really uses these."""
        database = f"{self.postgres}/postgres" if self.postgres else f"/{self.sqlite}"
        return hashlib.sha256(f"{database} {self.redis}".encode()).hexdigest()


@dataclass(frozen=True)
class Site:
    """A deployment that runs and has attested its settings.

    `kill`, `terminate` and `restart` take the number of an instance; `redis` and `database` are ended, frozen
    and started by their own verbs. `stop` is set when the run is to end.
    """

    deployment: Deployment
    doors: tuple[Door, ...]
    username: str
    password: str
    keys: Path | None = None
    stop: Event = field(default_factory=Event)
    kill: Callable[[int], None] = lambda instance: None
    restart: Callable[..., None] = lambda instance, changed=None: None
    end: Callable[[], None] = lambda: None
    environment: Mapping[str, str] = field(default_factory=dict)
    """What its servers were given: where the database and Redis are, and every secret."""
    terminate: Callable[[int], None] = lambda instance: None
    redis: Store | None = None
    database: Store | None = None  # None where it is a file
    places: Places = Places()
    processes: Callable[[], Mapping[str, list[int]]] = dict  # "instances", "redis", "database"
    second: Callable[..., Any] = lambda module, audience: None
    """Starts a service beside it that holds the address of its public keys (`live.second.SecondService`)."""
    world: Any = None
    """Browsers and a site of somebody else (`browsing.world.World`); only around a deployment over TLS."""

    def wait(self, seconds: float) -> None:
        """Sleep, but end at once when the run is being stopped."""
        if self.stop.wait(max(0.0, seconds)):
            raise Stopped

    def sweeps(self, began: float, seconds: float, every: float) -> Iterator[int]:
        """Numbers of turns, `every` seconds one, from `began` on the monotonic clock until the time is over.

        The last one begins when it is: what was asked earlier may have been judged earlier, however late the
        answer. There is at least one, number 0. Turns that a slow one has used up are left out.
        """
        sweep, over = 0, False
        while not over:
            over = time.monotonic() - began >= seconds
            yield sweep
            sweep = max(sweep + 1, int((time.monotonic() - began) / every))
            self.wait(0 if over else began + sweep * every - time.monotonic())
