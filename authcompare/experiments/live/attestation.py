"""A deployment is measured only once it has said itself that it is the one asked for."""

import time
from collections.abc import Iterable, Mapping
from threading import Event
from typing import Any, Protocol

from authcompare.experiments.deployments.deployment import Broken, Deployment, Door, Stopped
from authcompare.experiments.exchanges.wire import Connection, connections_to_every_worker

PATIENCE_SECONDS = 40
LOOK_EVERY_SECONDS = 0.05
ACCESS_LOG = ("GRANIAN_LOG_ACCESS_ENABLED", "GRANIAN_LOG_ACCESS_FMT")  # for granian, not for what it serves
OWN_STORES = {"DATABASE_URL", "REDIS_URL"}  # among the settings of a deployment that is not given the lab's
NOT_ATTESTED = {"LAB", "DEBUG", "LAB_FAST_HASHER", *OWN_STORES, *ACCESS_LOG}
FAST_HASHER = "md5"


class Startable(Protocol):
    """What is asked why it does not answer."""

    def has_ended(self) -> bool: ...
    def last_words(self) -> str: ...


def attest(
    door: Door, deployment: Deployment, nonce: str, kept_in: str, instance: Startable, stop: Event
) -> None:
    """Wait for the instance, then compare what every worker says with what was asked. Raises Broken."""
    _wait_for(door, instance, stop)
    for connection in connections_to_every_worker(door):
        answer = connection.send(_request(door))
        connection.close()
        said = answer.json.get("lab", {}) if answer.status == 200 else {}
        if wrong := differences(deployment, nonce, said):
            raise Broken(f"{deployment.name} does not run as asked: " + "; ".join(wrong))
        if said.get("kept_in") != kept_in and not OWN_STORES & deployment.settings.keys():
            raise Broken(
                f"{deployment.name} uses another database or another Redis than the one it was given"
            )


def differences(deployment: Deployment, nonce: str, said: Mapping[str, Any]) -> list[str]:
    """Every setting that was asked for and is not in force, and a nonce that is not ours."""
    if said.get("nonce") != nonce:
        return ["it is somebody else's server, or it does not attest"]
    asked = {name: value for name, value in deployment.environment.items() if name not in NOT_ATTESTED}
    wrong = [
        f"{name} is {said.get(name.lower())!r}, asked for {value!r}"
        for name, value in asked.items()
        if str(said.get(name.lower())) != value
    ]
    if said.get("database") != deployment.vendor:
        wrong.append(f"the database is {said.get('database')!r}, asked for {deployment.vendor!r}")
    if (deployment.environment.get("LAB_FAST_HASHER") == "1") is not (said.get("hasher") == FAST_HASHER):
        wrong.append(f"the hasher is {said.get('hasher')!r}")
    return wrong


def fits(deployment: Deployment, door: Door) -> bool:
    """Whether what already runs behind that door is as asked for, and nothing of it has to be ended."""
    said = said_by(door)
    plain = not (deployment.exclusive or deployment.tls) and deployment.instances == 1
    return plain and all(str(said.get(name.lower())) == value for name, value in deployment.settings.items())


def versions(doors: Iterable[Door]) -> dict[str, str]:
    """What the deployments say they are made of; where they differ, all of it."""
    several = [said_by(door) for door in doors]
    wanted = ("python", "django", "drf", "simplejwt", "pyjwt", "redis", "database")
    found = {name: dict.fromkeys(str(said[name]) for said in several if said.get(name)) for name in wanted}
    return {name: " and ".join(values) for name, values in found.items() if values}


def said_by(door: Door) -> dict[str, Any]:
    """The settings in force and the versions, as one worker says them; empty where it says none."""
    answer = Connection(door).send(_request(door)).json
    said = answer.get("lab") if isinstance(answer, dict) else None
    return said if isinstance(said, dict) else {}


def _wait_for(door: Door, instance: Startable, stop: Event) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if instance.has_ended():
            raise Broken(f"{door.host} ended while starting: {instance.last_words()}")
        if Connection(door).send(_request(door)).status == 200:
            return
        if stop.wait(LOOK_EVERY_SECONDS):
            raise Stopped
    raise Broken(f"{door.host} was not ready after {PATIENCE_SECONDS} s: {instance.last_words()}")


def _request(door: Door) -> bytes:
    return f"GET /readyz HTTP/1.1\r\nHost: {door.authority}\r\nConnection: keep-alive\r\n\r\n".encode()
