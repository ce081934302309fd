"""The deployments a run has standing: prepared, started together, attested, ended together."""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import Self

from authcompare.experiments.browsing.world import World
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site
from authcompare.experiments.deployments.stores import Store
from authcompare.experiments.live.births import Nursery
from authcompare.experiments.live.postgres import Cluster
from authcompare.experiments.live.running import Running
from authcompare.experiments.servers import Bear, Watchdog, run_manage

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYTHONPATH")
USERS = ("carol", "dave", "erin", "frank")  # beside alice, bob and admin, whom demousers makes
FILL = """
import os
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
call_command("demousers", verbosity=0)
for name in os.environ["LAB_USERS"].split():
    get_user_model().objects.create_user(name, password=os.environ["DEMO_PASSWORD"])
print("filled")
"""


class Fleet:
    """A context manager: whatever was started through it has ended when it ends.

    `settings_module` replaces the settings of every deployment; planted faults come in through it. `password`
    and `template` are those of another fleet whose database is to be used.
    """

    def __init__(
        self,
        settings_module: str = "authcompare.settings",
        password: str = "",
        template: Path | None = None,
    ) -> None:
        self.stop = Event()
        self._directory = Path(tempfile.mkdtemp(prefix="authcompare-lab-"))
        self._kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self._mine = {
            "DJANGO_SETTINGS_MODULE": settings_module,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DEMO_PASSWORD": password or secrets.token_urlsafe(18),
            "LAB_USERS": " ".join(USERS),
        }
        self._template = template
        self._cluster: Cluster | None = None
        self._cluster_store: Store | None = None
        # One each: who waits for a database to be filled must not keep others from what is there.
        self._making = {what: Lock() for what in ("world", "nursery", "template", "slow template", "cluster")}
        self._running: list[Running] = []
        self._world: World | None = None
        self._nursery: Nursery | None = None
        self._next_nursery: Nursery | None = None
        self._watchdog = Watchdog()
        self._watchdog.charge("directory", self._directory)

    def __enter__(self) -> Self:
        return self

    def start(self, deployments: Iterable[Deployment], nursery: Nursery | None = None) -> list[Site]:
        """Start them side by side, then wait until each has attested what was asked of it.

        It is quicker to have them from a nursery.
        """
        bear = nursery.bear if nursery else None
        started = [self._begin(deployment, bear) for deployment in deployments]
        try:
            return [replace(one.site(), end=partial(self._end, one)) for one in started]
        except BaseException:
            for one in started:
                self._end(one)
            raise

    @contextmanager
    def launch(self, deployments: Iterable[Deployment]) -> Iterator[list[Site]]:
        """The same from a nursery of their own, which has nothing in common with that of any other launch.

        As soon as they stand the next launch's is being prepared.
        """
        with closing(self._next_nursery or Nursery(self._kept)) as nursery:
            self._next_nursery = None
            try:
                sites = self.start(deployments, nursery)
                self._next_nursery = Nursery(self._kept)
                yield sites
            finally:
                self.end()

    def settle(self) -> None:
        """Wait for what is being prepared: whatever is timed has the machine to itself."""
        if self._next_nursery:
            self._next_nursery.wait_until_prepared()

    def end(self) -> None:
        """End every deployment and remove what it kept; others may be started afterwards."""
        while self._running:
            self._end(self._running[-1])

    def _end(self, running: Running) -> None:
        if running in self._running:
            self._running.remove(running)
            running.close()

    def close(self) -> None:
        """End everything for good; may be called twice."""
        self.stop.set()
        self.end()
        for made in (self._world, self._nursery, self._next_nursery):
            if made is not None:
                made.close()
        if self._cluster_store is not None:
            self._cluster_store.close()
        shutil.rmtree(self._directory, ignore_errors=True)
        self._watchdog.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, deployment: Deployment, bear: Bear | None) -> Running:
        directory = Path(tempfile.mkdtemp(prefix=f"{deployment.name}-", dir=self._directory))
        environment = self.environment(deployment.environment)
        world = self.world if deployment.tls else None
        running = Running(deployment, directory, environment, self._watchdog, self.stop, world, bear)
        self._running.append(running)
        running.start(self._origin(deployment))
        return running

    def _origin(self, deployment: Deployment) -> Path:
        """The database that it gets a copy of."""
        if deployment.database == "postgresql":
            return self.cluster
        return self.template if deployment.environment["LAB_FAST_HASHER"] == "1" else self._slow_template

    @property
    def password(self) -> str:
        """Of every user."""
        return self._mine["DEMO_PASSWORD"]

    @property
    def world(self) -> World:
        """Around every deployment over TLS; made for the first one."""
        with self._making["world"]:
            self._world = self._world or World(self._directory)
            return self._world

    @property
    def nursery(self) -> Nursery:
        """Where servers come from that are not timed; made for the first one."""
        with self._making["nursery"]:
            self._nursery = self._nursery or Nursery(self._kept, "tuned")
            return self._nursery

    @property
    def template(self) -> Path:
        """A migrated database with the lab's users, made once and copied for each deployment."""
        with self._making["template"]:
            if self._template is None:
                self._template = self._directory / "template.sqlite3"
                self._fill(f"sqlite:///{self._template}", "sqlite")
            return self._template

    @property
    def _slow_template(self) -> Path:
        """The same with the demo users' password hashed as in production."""
        origin, made = self.template, self._directory / "slow.sqlite3"
        with self._making["slow template"]:
            if not made.exists():
                shutil.copy(origin, made)
                wanted = {"LAB_FAST_HASHER": "0", "DATABASE_URL": f"sqlite:///{made}"}
                run_manage(self.environment({**Deployment("template").environment, **wanted}), "demousers")
            return made

    @property
    def cluster(self) -> Path:
        """The same as files of a PostgreSQL cluster. Raises Skipped without PostgreSQL."""
        with self._making["cluster"]:
            if self._cluster is None:
                made = Cluster()
                watchdog = self._watchdog
                self._cluster_store = Store(made, watchdog.charge, watchdog.discharge, "database")
                self._cluster_store.start()
                self._fill(made.url, "postgresql")
                self._cluster_store.stop()
                self._cluster = made
            return self._cluster.data

    def _fill(self, database: str, kind: str) -> None:
        wanted = {**Deployment("template").environment, "DATABASE_URL": database}
        command = [sys.executable, "-m", "manage", "shell", "--command", FILL]
        log = self._directory / f"filling.{kind}"
        self.nursery.bear(command, self.environment(wanted), log).wait()
        if not (said := log.read_text(errors="replace").strip()).endswith("filled"):
            raise Broken(f"A database could not be filled: {said[-600:]}")

    def environment(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Only what is asked for: a variable of the user's shell must not change a measurement."""
        keys = {"TOKEN_KEYS": str(self._directory / "no-keys")}
        return {**self._kept, **keys, **self._mine, **wanted}
