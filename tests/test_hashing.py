"""A storm of logins: one hasher a process, a few who wait, and an answer at once for all others."""

import threading
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher

from authcompare.logins import hashing
from authcompare.logins.budget import GuessingBudget
from tests.callers import SessionCaller, TokenCaller
from tests.people import PASSWORD, User
from tests.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "quite another passphrase"


class Slow(MD5PasswordHasher):
    """Notes how many run at once, and waits for the test."""

    running = most = 0
    go_on = threading.Event()

    def verify(self, password: str, encoded: str) -> bool:
        Slow.running += 1
        Slow.most = max(Slow.most, Slow.running)
        assert Slow.go_on.wait(20)
        Slow.running -= 1
        return super().verify(password, encoded)


@pytest.fixture
def slow(alice: User, settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["tests.test_hashing.Slow"]
    Slow.most = 0
    Slow.go_on.clear()
    yield Slow
    Slow.go_on.set()


def test_one_hashes_a_few_wait_and_all_others_are_told_at_once(slow: Any, settings: Any) -> None:
    settings.LOGIN_LIMIT = 100
    answered: list[int] = []

    def log_in(which: int) -> None:
        answered.append(TokenCaller("alice").login_answer.status_code)
        if len(answered) == 10 - hashing.ROOM:
            slow.go_on.set()

    in_threads(10, log_in)
    assert answered == [503] * (10 - hashing.ROOM) + [200] * hashing.ROOM
    assert slow.most == 1


class Witness(MD5PasswordHasher):
    """Notes whether somebody had the turn, each time it ran."""

    in_turn: list[bool]

    def encode(self, password: str, salt: str) -> str:
        Witness.in_turn.append(hashing._turn.locked())
        return super().encode(password, salt)


@pytest.fixture
def witness(alice: User, settings: Any) -> type[Witness]:
    settings.PASSWORD_HASHERS = ["tests.test_hashing.Witness"]
    Witness.in_turn = []
    return Witness


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
def test_a_password_change_hashes_old_and_new_in_its_turn(witness: type[Witness], caller: Any) -> None:
    who = caller("alice")
    witness.in_turn = []
    assert who.call("POST", "password/", {"old_password": PASSWORD, "new_password": NEW}).status_code < 300
    assert witness.in_turn == [True, True]


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
def test_a_login_with_a_required_new_password_hashes_in_its_turn_only(
    alice: User, witness: type[Witness], caller: Any
) -> None:
    alice.require_new_password(by=None)
    who = caller("nobody")
    witness.in_turn = []
    body = {"username": "alice", "password": PASSWORD, "new_password": NEW}
    assert who.call("POST", "login/", body).status_code == 200
    assert witness.in_turn == [True, True, True]  # the old one; is the new one another; the new one


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
def test_whom_there_is_no_room_for_loses_no_attempt(alice: User, caller: Any) -> None:
    with _full():
        answer = caller("alice").login_answer
    assert (answer.status_code, answer.json()["type"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not GuessingBudget.objects.filter(used__gt=0).exists()
    assert caller("alice").login_answer.status_code == 200


def test_the_form_says_it_beside_its_fields(alice: User) -> None:
    caller = SessionCaller("nobody")
    form = {"username": "alice", "password": PASSWORD}
    with _full():
        page = caller.client.post(
            "/sessions/login/", form, headers={**caller.headers(), "Accept": "text/html"}
        )
    assert page.status_code == 503
    assert "Try again in a second" in page.content.decode()


def _full() -> ExitStack:
    """As many as there is room for are in."""
    stack = ExitStack()
    for _ in range(hashing.ROOM):
        hashing._room.acquire()
        stack.callback(hashing._room.release)
    return stack
