"""Three instances of two workers behind nginx, as the README sets them up, restarted one by one."""

import os
import re
import shutil
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from authcompare.experiments.clients import Client, SessionClient, TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Door
from authcompare.experiments.deployments.processes import children
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.servers import ADDRESS, Instance, Program
from tests.forging import parts
from tests.people import PASSWORD, User
from tests.serving import free_port, served, until, wait_for

README = Path(__file__).resolve().parent.parent / "README.md"
PROXY = re.compile(r"^```nginx\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
AROUND = (
    "daemon off; pid {place}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; {paths}\n{site} }}"
)
PATHS = " ".join(
    f"{kind}_temp_path {{place}}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)
PEOPLE = 4

pytestmark = pytest.mark.django_db(transaction=True)


class Proxy(Program):
    """nginx with the README's configuration, but with our addresses and without TLS."""

    def __init__(self, nginx: str, place: Path, instances: Sequence[Instance]) -> None:
        self.door = Door("localhost", ADDRESS, free_port())
        self._place, self._instances = place, instances
        self._nginx = [nginx, "-p", str(place), "-c", str(place / "nginx.conf"), "-e", "stderr"]
        super().__init__(self._nginx, {"PATH": os.environ["PATH"]}, place / "nginx.log")
        self._configure()

    def _configure(self, down: Instance | None = None) -> None:
        found = PROXY.search(README.read_text())
        assert found is not None
        ports = iter(f"{each.port}{' down' * (each is down)}" for each in self._instances)
        site = re.sub(r"server \S+:8000", lambda _: f"server {ADDRESS}:{next(ports)}", found["text"])
        site = re.sub(r"ssl_\w+ [^;]+;", "", site).replace("443 ssl", f"{ADDRESS}:{self.door.port}")
        paths = PATHS.format(place=self._place)
        (self._place / "nginx.conf").write_text(AROUND.format(place=self._place, paths=paths, site=site))

    @contextmanager
    def passing_over(self, instance: Instance) -> Iterator[None]:
        """Nothing is sent there any more, and what was sent has been answered."""
        self._reload(instance)
        yield
        self._reload()

    def _reload(self, down: Instance | None = None) -> None:
        self._configure(down)
        before = set(children(self.pid))
        subprocess.run([*self._nginx, "-s", "reload"], check=True)
        until(lambda: not before & set(children(self.pid)))


@pytest.fixture
def instances(alice: User, settings: Any, tmp_path: Path) -> Iterator[list[Instance]]:
    settings.TOKEN_KEYS = tmp_path / "keys"
    shared = {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist", "REDIS_URL": os.environ["REDIS_URL"]}
    with served(3, tmp_path, workers=2, TRUSTED_PROXIES="1", **shared) as standing:
        yield standing


@pytest.fixture
def proxy(instances: list[Instance], tmp_path: Path) -> Iterator[Proxy]:
    if NGINX is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("No nginx: apt-get install nginx.")
    proxy = Proxy(str(NGINX), tmp_path, instances)
    proxy.start()
    try:
        until(lambda: is_open(proxy.door.port))
        yield proxy
    finally:
        proxy.close()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((ADDRESS, port)) == 0


class Person(threading.Thread):
    """Goes on working by both ways, whatever happens behind the proxy; keeps what was answered."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.session: SessionClient = logged_in("session", door, "alice", PASSWORD)
        self.token: TokenClient = logged_in("token", door, "alice", PASSWORD)
        self.answers: Counter[tuple[str, int]] = Counter()
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            self._do("session", self.session, self.session.me)
            self._do("token", self.token, self.token.me)
            self._do("note", self.session, lambda: self.session.call("POST", "/notes/", {"text": "x"}))
            self._do("refresh", self.token, self.token.refresh)

    def _do(self, what: str, client: Client, act: Callable[[], Answer]) -> None:
        self.answers[what, act().status] += 1
        client.connection.close()  # a proxy that reloads closes a kept one, perhaps just when it is used


@pytest.fixture
def people(proxy: Proxy) -> Iterator[list[Person]]:
    working = [Person(proxy.door) for _ in range(PEOPLE)]
    for person in working:
        person.start()
    yield working
    for person in working:
        person.over.set()
        person.join()


def restart(instance: Instance) -> None:
    instance.terminate()
    until(instance.has_ended)
    instance.start()
    wait_for(instance)


def test_nobody_notices_a_rolling_restart_with_a_key_rotation_in_it(
    people: list[Person], proxy: Proxy, instances: list[Instance]
) -> None:
    old = {parts(person.token.access)[0]["kid"] for person in people}
    call_command("rotatekeys", "--now")
    for instance in instances:
        with proxy.passing_over(instance):
            restart(instance)
    until(lambda: not {parts(person.token.access)[0]["kid"] for person in people} & old)
    for person in people:
        person.over.set()
        person.join()
    answers = sum((person.answers for person in people), Counter())
    assert set(answers) == {("session", 200), ("token", 200), ("note", 201), ("refresh", 200)}
    assert min(answers.values()) >= PEOPLE


def test_what_ends_at_one_has_ended_at_every_other(proxy: Proxy, instances: list[Instance]) -> None:
    person = Person(proxy.door)
    person.session.call("DELETE", "/active/", {})
    person.token.call("DELETE", "/active/", {})
    for instance in instances:
        direct = Door("localhost", ADDRESS, instance.port)
        for client in (person.session, person.token):
            asked = client.at(type(client.connection)(direct))
            assert asked.me().status == 401
