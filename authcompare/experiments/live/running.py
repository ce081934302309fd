"""One deployment on its feet: its stores, its keys, its instances."""

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event

from authcompare.experiments.browsing.world import World
from authcompare.experiments.credentials.signing import write_key
from authcompare.experiments.deployments.deployment import Deployment, Door, Places, Site
from authcompare.experiments.deployments.processes import descendants
from authcompare.experiments.deployments.stores import Store
from authcompare.experiments.live.attestation import attest
from authcompare.experiments.live.embedded import EmbeddedStore
from authcompare.experiments.live.postgres import Cluster
from authcompare.experiments.live.second import SecondService
from authcompare.experiments.servers import ADDRESS, Bear, Instance, Watchdog


class Running:
    """What a fleet has started for one deployment. `origin` is the database that it gets a copy of."""

    def __init__(
        self,
        deployment: Deployment,
        directory: Path,
        environment: Mapping[str, str],
        watchdog: Watchdog,
        stop: Event,
        world: World | None,
        bear: Bear | None,
    ) -> None:
        self.deployment = deployment
        self.directory = directory
        self.keys = directory / "keys"
        self.nonce = secrets.token_urlsafe(12)
        self.instances: list[Instance] = []
        self.redis: Store | None = None
        self.database: Store | None = None
        self._watchdog = watchdog
        self._stop = stop
        self._world, self._bear = world, bear
        self._beside: list[SecondService] = []
        self._places = Places()
        self._environment = {
            **environment,
            "TOKEN_KEYS": str(self.keys),
            "LAB_NONCE": self.nonce,
            "LAB_LOG": str(directory / "log"),
            **(world.certificate.for_granian if world else {}),
        }

    def start(self, origin: Path) -> None:
        """Start the stores and every instance, without waiting for any instance."""
        redis = self._start_redis() if self.deployment.needs_redis else ""
        database = self._copy(origin)
        self._environment = {"DATABASE_URL": database, "REDIS_URL": redis, **self._environment}
        for number in range(self.deployment.instances):
            self._add_instance(number)

    def site(self) -> Site:
        """What the claims talk to, once every worker of every instance has attested."""
        for number in range(len(self.instances)):
            self._attest(number, {})
        return Site(
            self.deployment,
            tuple(self._door(instance) for instance in self.instances),
            "alice",
            self._environment["DEMO_PASSWORD"],
            self.keys,
            self._stop,
            self.kill,
            self.restart,
            environment=self._environment,
            terminate=self.terminate,
            redis=self.redis,
            database=self.database,
            places=self._places,
            processes=self.processes,
            second=self.second,
            world=self._world,
        )

    def kill(self, number: int) -> None:
        """SIGKILL one instance."""
        self.instances[number].kill()
        self._watchdog.discharge("group", self.instances[number].pid)

    def terminate(self, number: int) -> None:
        """SIGTERM one instance, and wait: what it has begun to answer it answers."""
        self.instances[number].terminate()
        self.instances[number].wait()
        self.kill(number)

    def restart(self, number: int, changed: Mapping[str, str] | None = None) -> None:
        """Start an ended instance again on the same port, with some settings changed; back when attested."""
        self.instances[number].environment.update(changed or {})
        self._start(number)
        self._attest(number, changed or {})

    def second(self, module: str, audience: str) -> SecondService:
        """Start a service beside it that reads the public keys of the first instance."""
        log = self.directory / f"second.{len(self._beside)}"
        service = SecondService(module, self._door(self.instances[0]), audience, log)
        self._beside.append(service)
        service.start()
        self._watchdog.charge("group", service.pid)
        return service

    def processes(self) -> Mapping[str, list[int]]:
        """Who works for this deployment now."""
        masters = [one.pid for one in self.instances if not one.has_ended()]
        return {
            "instances": [process for one in masters for process in (one, *descendants(one))],
            "redis": self.redis.processes if self.redis else [],
            "database": self.database.processes if self.database else [],
        }

    def close(self) -> None:
        """End every instance and the stores, and remove what they kept. Nothing of it is wanted any more."""
        for service in self._beside:
            service.kill()
            self._watchdog.discharge("group", service.pid)
        for instance in self.instances:
            instance.kill()  # in order it would wait for every client that keeps its connection
            instance.close()
            if instance.has_begun:
                self._watchdog.discharge("group", instance.pid)
        for store in (self.redis, self.database):
            if store:
                store.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start_redis(self) -> str:
        server = EmbeddedStore()
        self.redis = Store(server, self._watchdog.charge, self._watchdog.discharge)
        self.redis.start()
        self._places = Places(redis=server.url)
        return server.url

    def _copy(self, origin: Path) -> str:
        if self.deployment.database == "postgresql":
            cluster = Cluster(origin)
            self.database = Store(cluster, self._watchdog.charge, self._watchdog.discharge, "database")
            self.database.start()
            self._places = Places(postgres=cluster.directory, redis=self._places.redis)
            return cluster.url
        file = self.directory / "db.sqlite3"
        shutil.copy(origin, file)
        self._places = Places(sqlite=file, redis=self._places.redis)
        return f"sqlite:///{file}"

    def _add_instance(self, number: int) -> None:
        wanted = self.deployment
        environment = {**self._environment, "TOKEN_KEYS": str(self._keys_of(number))}
        served = (wanted.workers, wanted.threads, wanted.application)
        self.instances.append(Instance(environment, *served, self._bear))
        self._start(number)

    def _keys_of(self, number: int) -> Path:
        """One directory for all, or one for each, with the same first key."""
        if not self.deployment.own_keys:
            return self.keys
        own = self.keys / str(number)
        if number == 0:
            write_key(own, not_before=0)
        else:
            shutil.copytree(self.keys / "0", own)
        return own

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
        attest(self._door(instance), wanted, self.nonce, self._places.digest, instance, self._stop)
