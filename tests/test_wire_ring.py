"""The last 200 requests: bounded, newest first, the same for every worker, and no danger to any request."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from authcompare.accounts.models import User
from authcompare.experiments.live.embedded import EmbeddedStore
from authcompare.wire import as_code
from authcompare.wire.costs import Costs
from authcompare.wire.exchange import Exchange
from authcompare.wire.ring import SIZE, FileRing, RedisRing, Ring
from tests.conftest import PASSWORD
from tests.serving import send, served
from tests.threads import in_threads

REQUESTS = 24


@pytest.fixture(params=["redis", "file"])
def ring(request: pytest.FixtureRequest, tmp_path: Path) -> Ring:
    return RedisRing() if request.param == "redis" else FileRing(tmp_path / "wire.sqlite3")


def exchange(number: int) -> Exchange:
    request = HttpRequest()
    request.method, request.path = "GET", f"/{number}/"
    return Exchange.of(f"{number:012x}", request, HttpResponse(), Costs(), 1.0)


def test_it_gives_back_what_it_got_newest_first(ring: Ring) -> None:
    assert ring.newest() == []
    one, two = exchange(1), exchange(2)
    ring.add(one)
    ring.add(two)
    assert ring.newest() == [two, one]


def test_it_forgets_the_oldest(ring: Ring) -> None:
    for number in range(SIZE + 3):
        ring.add(exchange(number))
    kept = [int(one.id, 16) for one in ring.newest()]
    assert kept == list(range(SIZE + 2, 2, -1))


def test_several_at_once_are_all_kept(ring: Ring) -> None:
    in_threads(8, lambda which: [ring.add(exchange(which * 5 + number)) for number in range(5)])
    assert {int(one.id, 16) for one in ring.newest()} == set(range(40))


def test_where_redis_is_away_a_request_is_only_missing(
    wired: None, own_redis: EmbeddedStore, caplog: Any
) -> None:
    client = Client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/wire/").json()["count"] == 1
    own_redis.kill()
    assert client.get("/healthz").status_code == 200
    assert client.get("/wire/").json()["count"] == 0
    assert "Not in /wire/" in caplog.text


def test_where_the_file_cannot_be_written_a_request_is_only_missing(tmp_path: Path, caplog: Any) -> None:
    FileRing(tmp_path / "no-such-folder" / "wire.sqlite3").add(exchange(1))
    assert "Not in /wire/" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", ["redis", "file"])
def test_every_worker_tells_of_the_requests_of_all(
    alice: User, tmp_path: Path, place: str, settings: Any
) -> None:
    where = {"REDIS_URL": settings.REDIS_URL} if place == "redis" else {}
    with served(1, tmp_path, workers=2, WIRE="1", **where) as (instance,):
        asked = {f"/healthz?page={number}" for number in range(REQUESTS)}
        for path in asked:  # each on a connection of its own, which the kernel gives to one of the two
            send(instance.port, "GET", path)
        for _ in range(REQUESTS):
            _, told = send(instance.port, "GET", "/wire/?q=healthz")
            assert asked <= {one["path"] for one in told["results"]}
        check_that_copies_run(instance.port)


def check_that_copies_run(port: int) -> None:
    """The line for the shell and the piece of Python do what the request did, once the secret is put in."""
    _, tokens = send(port, "POST", "/tokens/login/", {"username": "alice", "password": PASSWORD})
    send(port, "POST", "/tokens/notes/", {"text": "it's $HOME"}, tokens["access"])
    _, told = send(port, "GET", "/wire/?q=tokens/notes")
    base = f"http://127.0.0.1:{port}"
    _, kept = send(port, "GET", f"/wire/{told['results'][0]['id']}/")
    copied = Exchange(**kept)
    assert as_code.variables(copied) == ["ACCESS"]
    environment = {"PATH": os.environ["PATH"], "ACCESS": tokens["access"]}
    for command in (
        ["sh", "-c", as_code.curl(copied, base)],
        [sys.executable, "-c", as_code.python(copied, base)],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert "it's $HOME" in done.stdout
