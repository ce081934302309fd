"""Set-ups from the shelf, each served by a granian of its own, as ours are; see `tests/stock/`."""

import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from authcompare.experiments.clients import compose
from authcompare.experiments.credentials.gate import altered
from authcompare.experiments.deployments.deployment import Broken, Door
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.embedded import EmbeddedStore
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.servers import ADDRESS, Instance, Watchdog, run_manage

APPLICATION = "tests.stock.wsgi:application"
THREADS = 2
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Stock:
    """One set-up: its settings module, its name, and what it promises."""

    module: str
    name: str
    guarantees: str


STOCK = (
    Stock("db", "Django db", "sees logout, deactivation and rights at once; 2 SQL"),
    Stock("cached_db", "Django cached_db", "a logout may be lost to a race; rights at once; 1 SQL, 1 Redis"),
    Stock("cache", "Django cache", "a logout may be lost to a race; rights at once; 1 SQL, 1 Redis"),
    Stock("signed_cookies", "Django signed_cookies", "a logout ends nothing; rights at once; 1 SQL"),
    Stock("simple_jwt", "SimpleJWT JWTAuthentication", "a logout ends nothing; rights at once; 1 SQL"),
    Stock(
        "simple_jwt_stateless",
        "SimpleJWT JWTStatelessUserAuthentication",
        "nothing is seen until the token expires; 0 SQL",
    ),
    Stock("drf_token", "DRF TokenAuthentication", "sees all at once; keys stored as they are; 1 SQL"),
    Stock("knox_token", "Knox", "sees all at once; 2 SQL"),
)


@dataclass(frozen=True)
class Served:
    """A set-up on its feet, and a login of alice there."""

    stock: Stock
    door: Door
    header: Mapping[str, str]

    def request(self, path: str) -> bytes:
        """With the login, or without one where it is not asked for."""
        return compose(self.door, "GET", path, self.header if path == "/me/" else {})

    def prove(self) -> None:
        """Its login is accepted, an altered one and none at all are not. Raises Broken."""
        connection = Connection(self.door)
        bad = {name: altered(value) for name, value in self.header.items()}
        wanted = {
            "the login": (self.header, {200}),
            "an altered one": (bad, {401, 403}),
            "none": ({}, {401, 403}),
        }
        for what, (headers, statuses) in wanted.items():
            answer = connection.send(compose(self.door, "GET", "/me/", headers))
            if answer.status not in statuses:
                raise Broken(f"{self.stock.name}: {what} was answered {answer.status or answer.failure}")
        connection.close()


class Shelf:
    """Prepares each set-up once, starts all of them as often as asked, ends all of them."""

    def __init__(self, fleet: Fleet, stocks: tuple[Stock, ...] = STOCK) -> None:
        self._fleet, self._stocks = fleet, stocks
        self._store = EmbeddedStore()
        self._watchdog = Watchdog()
        self._secret = secrets.token_urlsafe(48)

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Databases with a login each; gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="authcompare-shelf-") as place, self._store:
            self._watchdog.charge("directory", place)
            self._watchdog.charge("process", self._store.pid)
            self._place = Path(place)
            self._headers = {stock: self._credential(stock) for stock in self._stocks}
            try:
                yield
            finally:
                self._watchdog.discharge("process", self._store.pid)
        self._watchdog.close()

    @contextmanager
    def served(self) -> Iterator[list[Served]]:
        """One instance of each, proven."""
        instances = [Instance(self._environment(one), 1, THREADS, APPLICATION) for one in self._stocks]
        try:
            for instance in instances:
                instance.start()
                self._watchdog.charge("group", instance.pid)
            yield [self._proven(*pair) for pair in zip(self._stocks, instances, strict=True)]
        finally:
            for instance in instances:
                instance.close()
                self._watchdog.discharge("group", instance.pid)

    def _credential(self, stock: Stock) -> Mapping[str, str]:
        name, _, value = run_manage(self._environment(stock), "credential").strip().partition(": ")
        return {name: value}

    def _environment(self, stock: Stock) -> dict[str, str]:
        own = {
            "DJANGO_SETTINGS_MODULE": f"tests.stock.{stock.module}",
            "SECRET_KEY": self._secret,
            "DATABASE_URL": f"sqlite:///{self._place / stock.module}.sqlite3",
            "REDIS_URL": self._store.url,
            "TOKEN_KEYS": str(self._place / "keys"),
            "LAB_LOG": str(self._place / stock.module),
        }
        return {**self._fleet.environment({}), **own}

    def _proven(self, stock: Stock, instance: Instance) -> Served:
        door = Door(f"{stock.module.replace('_', '-')}.localhost", ADDRESS, instance.port)
        served = Served(stock, door, self._headers[stock])
        deadline = time.monotonic() + PATIENCE_SECONDS
        while Connection(door).send(compose(door, "GET", "/healthz", {})).status != 200:
            if instance.has_ended() or time.monotonic() > deadline:
                raise Broken(f"{stock.name} does not answer: {instance.last_words()}")
            time.sleep(0.05)
        served.prove()
        return served
