"""The connections that questions of requests go over: every answer is the answer to its own question."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest
from redis import ConnectionPool, exceptions

from authcompare.accounts.models import User
from authcompare.logins import marks
from authcompare.logins.connections import Connections
from authcompare.logins.models import Reason
from sessions_demo import store
from sessions_demo.models import Session
from tests.callers import SessionCaller, key_of
from tests.threads import in_threads

FORKED = """
import os, redis
from authcompare.logins.connections import Connections
connections = Connections(redis.Redis.from_url(os.environ["REDIS_URL"]).connection_pool)
connections.ask("MGET", "a").answer()
assert len(connections.idle) == 1
child = os.fork()
if child == 0:
    os._exit(len(connections.idle))
assert os.waitpid(child, 0)[1] == 0
assert connections.ask("MGET", "a").answer() == [None]
"""


@pytest.fixture
def connections() -> Connections:
    for number in range(40):
        marks.redis().set(f"n:{number}", number)
    return Connections(marks.redis().connection_pool)


def test_questions_at_once_get_each_their_own_answer(connections: Connections) -> None:
    def ask(which: int) -> list[Any]:
        return [connections.ask("MGET", f"n:{which * 5 + number}").answer() for number in range(5)]

    answers = [each for several in in_threads(8, ask) for each in several]
    assert sorted(int(value) for (value,) in answers) == list(range(40))
    assert len(connections.idle) <= 8


def test_an_answer_nobody_has_read_is_nobody_elses(connections: Connections) -> None:
    early = connections.ask("MGET", "n:1")
    assert connections.ask("MGET", "n:2").answer() == [b"2"]
    connections.ask("MGET", "n:3")  # and never read
    assert connections.ask("MGET", "n:4").answer() == [b"4"]
    assert early.answer() == [b"1"]


def test_after_a_time_out_a_connection_is_not_used_again(settings: Any) -> None:
    connections = Connections(ConnectionPool.from_url(settings.REDIS_URL, socket_timeout=1))
    late = connections.ask("BLPOP", "nothing comes", "0")
    with pytest.raises(exceptions.TimeoutError):
        late.answer()
    assert not connections.idle
    assert connections.ask("MGET", "nothing comes").answer() == [None]


@pytest.mark.parametrize("is_asked", [True, False])
def test_connections_that_were_lost_are_replaced(connections: Connections, is_asked: bool) -> None:
    asked = [connections.ask("MGET", "n:1") for _ in range(3)]
    assert [question.answer() for question in asked] == [[b"1"]] * 3
    early = connections.ask("MGET", "n:2") if is_asked else None
    marks.redis().client_kill_filter(_type="normal", skipme=True)
    if early is not None:
        assert early.answer() == [b"2"]
    assert connections.ask("MGET", "n:3").answer() == [b"3"]
    assert len(connections.idle) == 1


def test_a_child_process_asks_over_connections_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], env=os.environ, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.django_db
def test_what_a_request_did_not_want_to_know_is_not_told_to_the_next(alice: User, settings: Any) -> None:
    settings.SESSION_STORE = "cached"
    people = [SessionCaller(), SessionCaller()]
    logins = [person.me().json()["login"] for person in people]
    kept = len(marks.aside(settings.REDIS_URL).idle)
    for person in people:
        assert person.client.get("/healthz").status_code == 200
    assert len(marks.aside(settings.REDIS_URL).idle) == kept
    assert [person.me().json()["login"] for person in people] == logins


@pytest.mark.django_db
def test_what_was_asked_long_ago_is_asked_again(alice: User, settings: Any, monkeypatch: Any) -> None:
    """Somebody who was thrown out must not go on with a request that took its time to arrive."""
    settings.SESSION_STORE = "cached"
    caller = SessionCaller()
    assert caller.me().status_code == 200
    slow = store.SessionStore(key_of(caller))
    slow.ask_early()
    Session.objects.all().end(Reason.ADMIN)
    later = time.monotonic() + store.EARLY_SECONDS + 0.001
    monkeypatch.setattr(store.time, "monotonic", lambda: later)
    assert slow.user is None
