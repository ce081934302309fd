"""The clients against servers that answer oddly: every answer is data, and only one of them is a refusal."""

import fcntl
import json
import resource
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import repeat
from typing import Any

import pytest

from authcompare.experiments.clients import SessionClient, TokenClient, logged_in
from authcompare.experiments.credentials.gate import prove
from authcompare.experiments.deployments import deployment
from authcompare.experiments.deployments.deployment import Broken, Deployment, Door, Site
from authcompare.experiments.exchanges import wire
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection, connections_to_every_worker
from authcompare.experiments.scenes.watching import Watchers
from tests.experiments.lookalikes import PROBLEM, lookalike

NOBODY = Door("nobody.localhost", "127.0.0.1", 9)
CHALLENGE = 'Bearer realm="authcompare", error="invalid_token"'


def problem(kind: str) -> bytes:
    return json.dumps({"type": kind}).encode()


@pytest.mark.parametrize("status", [400, 403, 404, 415, 429, 500, 502, 503])
@pytest.mark.parametrize("scheme", ["session", "token"])
def test_other_errors_are_no_refusals(status: int, scheme: str) -> None:
    with lookalike(
        status, problem("invalid_token"), WWW_Authenticate=CHALLENGE, Content_Type=PROBLEM
    ) as site:
        client = TokenClient(site.doors[0]) if scheme == "token" else SessionClient(site.doors[0])
        assert outcome(client.me(), scheme) is Outcome.BROKEN


@pytest.mark.parametrize(
    ("kind", "challenge", "content", "expected"),
    [
        ("invalid_token", CHALLENGE, PROBLEM, Outcome.REFUSED),
        ("not_authenticated", 'Bearer realm="authcompare"', PROBLEM, Outcome.BROKEN),
        ("invalid_token", 'Basic realm="x"', PROBLEM, Outcome.BROKEN),
        ("invalid_token", CHALLENGE, "application/json", Outcome.BROKEN),
        ("locked", CHALLENGE, PROBLEM, Outcome.BROKEN),
    ],
)
def test_a_refusal_is_the_exact_one(kind: str, challenge: str, content: str, expected: Outcome) -> None:
    with lookalike(401, problem(kind), WWW_Authenticate=challenge, Content_Type=content) as site:
        assert outcome(TokenClient(site.doors[0]).me(), "token") is expected


def test_nobody_there_is_data_too() -> None:
    answer = TokenClient(NOBODY).me()
    assert (answer.status, outcome(answer, "token")) == (0, Outcome.BROKEN)
    assert described(answer).startswith("no answer (ConnectionRefusedError")


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_gate_before_a_server_that_refuses_everything_stays_shut(status: int) -> None:
    with lookalike(
        status, problem("invalid_token"), WWW_Authenticate=CHALLENGE, Content_Type=PROBLEM
    ) as site:
        expected = pytest.raises(Broken, match=f"cannot log in at /tokens: {status}")
        with expected:
            prove(site, "token", ends_at_once=True, transcript=Transcript())


def test_a_gate_before_a_server_that_lets_everybody_in_stays_shut() -> None:
    pair = json.dumps({"access": "aaaa.bbbb.cccc", "refresh": "dddd"}).encode()
    expected = pytest.raises(Broken, match="an altered credential was answered 200 and not refused")
    with lookalike(200, pair, Content_Type="application/json") as site, expected:
        prove(site, "token", ends_at_once=True, transcript=Transcript())


def test_a_watch_of_a_dead_server_is_broken_throughout() -> None:
    with lookalike(200) as site:
        watchers = Watchers(site)
        client = TokenClient(site.doors[0])
    for connection in watchers._connections:
        connection.close()
    watch = watchers.watch(client, began=0.0, seconds=0.0, every=0.1, after_first=lambda: None)
    assert watch.broken is not None
    gone = Site(Deployment("gone"), (NOBODY,), "alice", "password")
    with pytest.raises(OSError, match="refused"):
        Watchers(gone)


def test_a_connection_beyond_the_thousandth_file_is_used_again() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    with lookalike(200) as site:
        connection = Connection(site.doors[0])
        connection.open()
        with connection._socket as low:  # type: ignore[union-attr]
            connection._socket = socket.socket(fileno=fcntl.fcntl(low, fcntl.F_DUPFD, 1024))
            connection._socket.settimeout(low.gettimeout())
        port = connection.local_port
        assert TokenClient(site.doors[0]).at(connection).me().status == 200
        assert connection.local_port == port
        connection.close()


def test_a_slow_turn_uses_up_those_that_were_due_meanwhile_and_there_is_always_one() -> None:
    site, a_second_ago = Site(Deployment("any"), (NOBODY,), "alice", ""), time.monotonic() - 1
    turns = site.sweeps(a_second_ago, seconds=60, every=0.01)
    assert next(turns) == 0
    assert next(turns) >= 100
    assert list(site.sweeps(a_second_ago, seconds=0, every=0.01)) == [0]


class Clock:
    """Time passes where somebody waits, and nowhere else."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return False


def test_the_last_turn_begins_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Any = Clock()
    monkeypatch.setattr(deployment, "time", clock)
    site = Site(Deployment("any"), (NOBODY,), "alice", "", stop=clock)
    assert [clock.now for _ in site.sweeps(0, seconds=1.25, every=0.5)] == [0, 0.5, 1, 1.5]
    turns = 0
    for _ in site.sweeps(clock.now, seconds=1.25, every=0.5):
        turns += 1
        clock.wait(2)
    assert turns == 2


@pytest.fixture
def two_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Iterable[int | None]], Door]]:
    """A door to two of them; who accepts is as it is told."""
    with lookalike(200) as site:

        def door(owners: Iterable[int | None]) -> Door:
            accepts = iter(owners)
            monkeypatch.setattr(wire, "children", lambda process: [1, 2])
            monkeypatch.setattr(wire, "owner_of", lambda *asked: next(accepts))
            return replace(site.doors[0], process=1)

        yield door


def test_a_worker_that_accepts_nothing_yet_is_waited_for(two_workers: Any) -> None:
    assert len(connections_to_every_worker(two_workers([1, 1, None, 1, 2]))) == 2


def test_a_worker_that_never_accepts_anything_is_not_waited_for_for_ever(
    two_workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "WORKERS_SECONDS", 0.1)
    with pytest.raises(Broken, match="1 of 2 workers"):
        connections_to_every_worker(two_workers(repeat(1)))


def test_where_nobody_says_who_accepts_there_is_one_connection(two_workers: Any) -> None:
    assert len(connections_to_every_worker(two_workers(repeat(None)))) == 1


def test_a_login_that_fails_breaks_and_says_how() -> None:
    with lookalike(429) as site, pytest.raises(Broken, match="alice cannot log in at /sessions: 429"):
        logged_in("session", site.doors[0], "alice", "password")


def test_cookies_are_kept_and_forgotten_as_told() -> None:
    client = SessionClient(NOBODY)
    client.keep(Answer(b"HTTP/1.1 200 OK\r\nSet-Cookie: sessionid=abc; Path=/\r\nset-cookie: csrftoken=x"))
    assert client.credential_headers() == {"Cookie": "sessionid=abc; csrftoken=x"}
    client.keep(Answer(b'HTTP/1.1 200 OK\r\nSet-Cookie: sessionid=""; Max-Age=0'))
    assert (client.credential, client.jar) == ("", {"csrftoken": "x"})


def test_production_names_of_cookies_are_understood() -> None:
    client = SessionClient(NOBODY)
    client.jar = {"__Host-sessionid": "abc", "__Host-csrftoken": "x"}
    assert (client.credential, client.showing("k")) == ("abc", {"Cookie": "__Host-sessionid=k"})
    assert client.proof_of_intent()["X-CSRFToken"] == "x"


def test_a_copy_does_not_forget_what_the_original_forgets() -> None:
    victim = SessionClient(NOBODY)
    victim.jar = {"sessionid": "abc"}
    thief = victim.at(Connection(NOBODY))
    victim.keep(Answer(b'HTTP/1.1 204 No Content\r\nSet-Cookie: sessionid=""'))
    assert (victim.credential, thief.credential) == ("", "abc")


def test_chunked_answers_are_read() -> None:
    chunks = b"4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n"
    with lookalike(200) as site:
        connection = Connection(site.doors[0])
        connection._receive = iter([chunks[9:15], chunks[15:]]).__next__  # type: ignore[method-assign]
        assert connection._chunks(chunks[:9]) == b"Wikipedia"


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x", "http://"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no URL of a server"):
        Door.of(url)


def test_a_door_knows_its_names() -> None:
    door = Door.of("https://example.org")
    assert (door.port, door.tls, door.authority, door.origin) == (
        443,
        True,
        "example.org",
        "https://example.org",
    )
    assert Door.of("http://localhost:8000").authority == "localhost:8000"
