"""The deployments a run has standing: prepared, started together, attested, ended together."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import Self

from authcompare.experiments.attestation import attest
from authcompare.experiments.browsing.world import World
from authcompare.experiments.deployment import Deployment, Door, Site
from authcompare.experiments.embedded import EmbeddedStore
from authcompare.experiments.servers import ADDRESS, Instance, Watchdog, run_manage

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYTHONPATH")
USERS = ("carol", "dave", "erin", "frank")  # beside alice, bob and admin, whom demousers makes
MAKE_USERS = """
import os
from django.contrib.auth import get_user_model
for name in os.environ["LAB_USERS"].split():
    get_user_model().objects.create_user(name, password=os.environ["DEMO_PASSWORD"])
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
        self._mine = {
            "DJANGO_SETTINGS_MODULE": settings_module,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DEMO_PASSWORD": password or secrets.token_urlsafe(18),
            "LAB_USERS": " ".join(USERS),
        }
        self._template = template
        self._making = Lock()
        self._running: list[_Running] = []
        self._world: World | None = None
        self._watchdog = Watchdog()
        self._watchdog.charge("directory", self._directory)

    def __enter__(self) -> Self:
        return self

    def start(self, deployments: Iterable[Deployment]) -> list[Site]:
        """Start them side by side, then wait until each has attested what was asked of it."""
        template = self.template
        started = [self._begin(deployment, template) for deployment in deployments]
        try:
            return [replace(one.site(), end=partial(self._end, one)) for one in started]
        except BaseException:
            for one in started:
                self._end(one)
            raise

    def end(self) -> None:
        """End every deployment and remove what it kept; others may be started afterwards."""
        for running in self._running:
            running.terminate()
        while self._running:
            self._end(self._running[-1])

    def _end(self, running: "_Running") -> None:
        if running in self._running:
            self._running.remove(running)
            running.close()

    def close(self) -> None:
        """End everything for good; may be called twice."""
        self.stop.set()
        self.end()
        if self._world is not None:
            self._world.close()
        shutil.rmtree(self._directory, ignore_errors=True)
        self._watchdog.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, deployment: Deployment, template: Path) -> "_Running":
        directory = Path(tempfile.mkdtemp(prefix=f"{deployment.name}-", dir=self._directory))
        shutil.copy(template, directory / "db.sqlite3")
        environment = self.environment(deployment.environment)
        world = self.world if deployment.tls else None
        running = _Running(deployment, directory, environment, self._watchdog, self.stop, world)
        self._running.append(running)
        running.start()
        return running

    @property
    def password(self) -> str:
        """Of every user."""
        return self._mine["DEMO_PASSWORD"]

    @property
    def world(self) -> World:
        """Around every deployment over TLS; made for the first one."""
        with self._making:
            self._world = self._world or World(self._directory)
            return self._world

    @property
    def template(self) -> Path:
        """A migrated database with the lab's users, made once and copied for each deployment."""
        with self._making:
            if self._template is None:
                self._template = self._made_template(self._directory / "template.sqlite3")
            return self._template

    def _made_template(self, path: Path) -> Path:
        wanted = {**Deployment("template").environment, "DATABASE_URL": f"sqlite:///{path}"}
        environment = self.environment(wanted)
        run_manage(environment, "migrate", "--noinput", "--verbosity", "0")
        run_manage(environment, "demousers")
        run_manage(environment, "shell", "--command", MAKE_USERS)
        return path

    def environment(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Only what is asked for: a variable of the user's shell must not change a measurement."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        keys = {"TOKEN_KEYS": str(self._directory / "no-keys")}
        return {**kept, **keys, **self._mine, **wanted}


class _Running:
    """One deployment on its feet: its store, its key, its instances."""

    def __init__(
        self,
        deployment: Deployment,
        directory: Path,
        environment: dict[str, str],
        watchdog: Watchdog,
        stop: Event,
        world: World | None,
    ) -> None:
        self.deployment = deployment
        self.directory = directory
        self.keys = directory / "keys"
        self.nonce = secrets.token_urlsafe(12)
        self._watchdog = watchdog
        self._stop = stop
        self._world = world
        self._password = environment["DEMO_PASSWORD"]
        self._store = EmbeddedStore() if deployment.needs_redis else None
        self._environment = {
            "DATABASE_URL": f"sqlite:///{directory / 'db.sqlite3'}",
            **environment,
            "TOKEN_KEYS": str(self.keys),
            "LAB_NONCE": self.nonce,
            "LAB_LOG": str(directory / "log"),
            **({"REDIS_URL": self._store.url} if self._store else {}),
            **(world.certificate.for_granian if world else {}),
        }
        self.instances: list[Instance] = []

    def start(self) -> None:
        """Start the store and every instance, without waiting for any."""
        if self._store:
            self._store.start()
            self._watchdog.charge("process", self._store.pid)
            self._watchdog.charge("directory", self._store.directory)
        for _ in range(self.deployment.instances):
            wanted = self.deployment
            self.instances.append(
                Instance(self._environment, wanted.workers, wanted.threads, wanted.application)
            )
            self._start(len(self.instances) - 1)

    def site(self) -> Site:
        """What the claims talk to, once every worker of every instance has attested."""
        for number in range(len(self.instances)):
            self._attest(number, {})
        doors = tuple(self._door(instance) for instance in self.instances)
        return Site(
            self.deployment,
            doors,
            "alice",
            self._password,
            self.keys,
            self._stop,
            self.kill,
            self.restart,
            environment=self._environment,
            world=self._world,
        )

    def kill(self, number: int) -> None:
        """SIGKILL one instance."""
        self.instances[number].kill()

    def restart(self, number: int, changed: Mapping[str, str] | None = None) -> None:
        """Start a killed instance again on the same port, with some settings changed; back when attested."""
        instance = self.instances[number]
        instance.environment.update(changed or {})
        self._start(number)
        self._attest(number, changed or {})

    def terminate(self) -> None:
        """Ask every instance to end, without waiting."""
        for instance in self.instances:
            instance.terminate()

    def close(self) -> None:
        """End every instance and the store, and remove what they kept."""
        for instance in self.instances:
            instance.close()
            self._watchdog.discharge("group", instance.pid)
        if self._store:
            pid = self._store.pid
            self._store.close()
            self._watchdog.discharge("process", pid)
            self._watchdog.discharge("directory", self._store.directory)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self, number: int) -> None:
        self.instances[number].start()
        self._watchdog.charge("group", self.instances[number].pid)

    def _door(self, instance: Instance) -> Door:
        shown = self._world.certificate.chain if self._world else None
        wanted = self.deployment
        return Door(wanted.host, ADDRESS, instance.port, wanted.tls, instance.pid, shown)

    def _attest(self, number: int, changed: Mapping[str, str]) -> None:
        instance = self.instances[number]
        wanted = replace(self.deployment, settings={**self.deployment.settings, **changed})
        attest(self._door(instance), wanted, self.nonce, instance, self._stop)
