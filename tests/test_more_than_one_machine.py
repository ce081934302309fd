"""Three instances of two workers behind nginx, as the README sets them up, restarted one by one."""

import os
import re
import shutil
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from authcompare.experiments.clients import SessionClient, TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Door
from authcompare.experiments.servers import ADDRESS, Instance, Program
from tests.forging import parts
from tests.people import PASSWORD, User
from tests.serving import served, until, wait_for

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


def configuration(place: Path, port: int, instances: list[Instance]) -> str:
    """The README's, with our addresses and without TLS."""
    found = PROXY.search(README.read_text())
    assert found is not None
    ports = iter(one.port for one in instances)
    site = re.sub(r"server \S+:8000", lambda _: f"server {ADDRESS}:{next(ports)}", found["text"])
    site = re.sub(r"listen 443 ssl;", f"listen {ADDRESS}:{port};", re.sub(r"ssl_\w+ [^;]+;", "", site))
    return AROUND.format(place=place, paths=PATHS.format(place=place), site=site)


@pytest.fixture
def instances(alice: User, settings: Any, tmp_path: Path) -> Iterator[list[Instance]]:
    settings.TOKEN_KEYS = tmp_path / "keys"
    shared = {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist", "REDIS_URL": os.environ["REDIS_URL"]}
    with served(3, tmp_path, workers=2, TRUSTED_PROXIES="1", **shared) as standing:
        yield standing


@pytest.fixture
def door(instances: list[Instance], tmp_path: Path) -> Iterator[Door]:
    if NGINX is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("No nginx: apt-get install nginx.")
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port = probe.getsockname()[1]
    (tmp_path / "nginx.conf").write_text(configuration(tmp_path, port, instances))
    command = [str(NGINX), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", "stderr"]
    proxy = Program(command, {"PATH": os.environ["PATH"]}, tmp_path / "nginx.log")
    proxy.start()
    try:
        until(lambda: is_open(port))
        yield Door("localhost", ADDRESS, port)
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
            self.answers["session", self.session.me().status] += 1
            self.answers["token", self.token.me().status] += 1
            self.answers["note", self.session.call("POST", "/notes/", {"text": "x"}).status] += 1
            self.answers["refresh", self.token.refresh().status] += 1


@pytest.fixture
def people(door: Door) -> Iterator[list[Person]]:
    working = [Person(door) for _ in range(PEOPLE)]
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
    people: list[Person], instances: list[Instance]
) -> None:
    old = {parts(person.token.access)[0]["kid"] for person in people}
    call_command("rotatekeys", "--now")
    for instance in instances:
        restart(instance)
    until(lambda: not {parts(person.token.access)[0]["kid"] for person in people} & old)
    for person in people:
        person.over.set()
        person.join()
    answers = sum((person.answers for person in people), Counter())
    assert set(answers) == {("session", 200), ("token", 200), ("note", 201), ("refresh", 200)}
    assert min(answers.values()) >= PEOPLE


def test_what_ends_at_one_has_ended_at_every_other(door: Door, instances: list[Instance]) -> None:
    person = Person(door)
    person.session.call("DELETE", "/active/", {})
    person.token.call("DELETE", "/active/", {})
    for instance in instances:
        direct = Door("localhost", ADDRESS, instance.port)
        for client in (person.session, person.token):
            asked = client.at(type(client.connection)(direct))
            assert asked.me().status == 401
