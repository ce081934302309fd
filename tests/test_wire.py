"""What a page or the lab says about a request is what happened."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from authcompare.accounts.models import User
from authcompare.wire.ring import find
from sessions_demo import store
from tests.callers import Caller, SessionCaller, TokenCaller, key_of

HEX = re.compile(r"[0-9a-f]{12}")


def cost(answer: Any) -> dict[str, int]:
    """Counts by name, from `Server-Timing`."""
    return {
        name: int(count) for name, count in re.findall(r'(\w+);desc="(\d+)"', answer.headers["Server-Timing"])
    }


@pytest.mark.parametrize(
    ("who", "overrides", "sql", "redis"),
    [
        (SessionCaller, {"SESSION_STORE": "database"}, 1, 0),
        (SessionCaller, {"SESSION_STORE": "cached"}, 0, 1),
        (TokenCaller, {"TOKEN_CHECK": "none"}, 0, 0),
        (TokenCaller, {"TOKEN_CHECK": "denylist"}, 0, 1),
        (TokenCaller, {"TOKEN_CHECK": "database"}, 1, 0),
    ],
)
def test_look_ups_of_an_authenticated_request(
    alice: User,
    settings: Any,
    wired: None,
    monkeypatch: Any,
    who: Callable[[], Caller],
    overrides: dict[str, str],
    sql: int,
    redis: int,
) -> None:
    for name, value in overrides.items():
        setattr(settings, name, value)
    monkeypatch.setattr(store, "EARLY_SECONDS", 60)  # on a busy machine it would ask a second time
    caller = who()
    caller.me()
    assert cost(caller.me()) == {"sql": sql, "redis": redis, "signature": 0, "password": 0}


@pytest.mark.parametrize("algorithm", ["ES256", "HS256", "EdDSA"])
def test_a_signature_is_checked_at_first_sight_and_remembered_then(
    alice: User, settings: Any, wired: None, algorithm: str, tmp_path: Any
) -> None:
    settings.TOKEN_ALGORITHM, settings.TOKEN_KEYS = algorithm, tmp_path / "keys"
    caller = TokenCaller()
    assert cost(caller.login_answer)["signature"] == 2  # one for each token that it made
    assert [cost(caller.me())["signature"] for _ in range(2)] == [1, 0]


def test_a_password_is_hashed_once_whoever_is_named(alice: User, wired: None) -> None:
    for username, password in (("alice", "wrong"), ("nobody", "wrong"), ("alice", "")):
        answer = TokenCaller(username, password).login_answer
        assert cost(answer)["password"] == (1 if password else 0)


@pytest.mark.parametrize("who", [SessionCaller, TokenCaller])
def test_what_is_kept_of_a_request_is_what_was_measured_outside(
    alice: User, wired: None, who: Callable[[], Any]
) -> None:
    caller = who()
    with CaptureQueriesContext(connection) as queries:
        answer = caller.call("GET", "notes/")
    kept = find(answer.headers["X-Request-Id"])
    assert kept is not None
    sent = (
        f"Authorization: Bearer {caller.access}"
        if who is TokenCaller
        else f"Cookie: sessionid={key_of(caller)}"
    )
    assert (kept.status, kept.credential_bytes) == (answer.status_code, len(sent))
    assert kept.costs["sql"]["count"] == len(queries) == len(kept.costs["sql"]["parts"])
    assert (kept.scheme, kept.login) == (caller.me().json()["scheme"], caller.me().json()["login"])


def test_recording_costs_the_request_nothing_that_is_counted(alice: User, wired: None) -> None:
    answer = Client().get("/healthz")
    assert set(cost(answer).values()) == {0}
    assert HEX.fullmatch(answer.headers["X-Request-Id"])


def test_a_request_without_a_look_at_the_session_is_not_given_one(alice: User, wired: None) -> None:
    caller = SessionCaller()
    with CaptureQueriesContext(connection) as queries:
        answer = caller.client.get("/healthz")
    kept = find(answer.headers["X-Request-Id"])
    assert kept is not None
    assert (len(queries), kept.scheme) == (0, "")


def test_nothing_is_told_without_it(db: None) -> None:
    answer = Client().get("/healthz")
    assert "Server-Timing" not in answer.headers
    assert "X-Request-Id" not in answer.headers


@pytest.mark.parametrize("off", ["WIRE", "LAB"])
@pytest.mark.parametrize("path", ["/wire/", "/wire/0123456789ab/"])
def test_there_is_no_wire_where_nothing_is_recorded(wired: None, settings: Any, off: str, path: str) -> None:
    kept = Client().get("/healthz").headers["X-Request-Id"]
    address = path.replace("0123456789ab", kept)
    assert Client().get(address).status_code == 200
    setattr(settings, off, False)
    assert Client().get(address).status_code == 404
