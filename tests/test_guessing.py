"""One budget for guessing at every door: counted before the hasher, shared, no weapon against owners."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins.budget import WINDOW, GuessingBudget, Locked, client_address, keys_of, reserve
from authcompare.logins.trail import AuthEvent
from tests.admin.administrators import BUDGET, Administrator, staff
from tests.callers import Caller, SessionCaller, TokenCaller
from tests.conftest import PASSWORD
from tests.test_pages_without_javascript import Browser
from tests.threads import in_threads

WRONG = "wrong"
CHANGE = {"old_password": "wrong", "new_password": "a new one, quite long"}


class Counting(MD5PasswordHasher):
    """How often somebody made the server hash; verifying encodes, too."""

    runs = 0
    lock = threading.Lock()

    def encode(self, password: str, salt: str) -> str:
        with Counting.lock:
            Counting.runs += 1
        return super().encode(password, salt)


@pytest.fixture
def hasher(alice: User, settings: Any) -> type[Counting]:
    settings.PASSWORD_HASHERS = ["tests.test_guessing.Counting"]
    Counting.runs = 0
    return Counting


def by_form(who: Caller | None) -> Any:
    return Browser(enforce_csrf_checks=True).log_in("alice", "wrong")


def by_cookie_transport(who: Caller | None) -> Any:
    body = {"username": "alice", "password": "wrong", "transport": "cookie"}
    return TokenCaller("nobody", "").call("POST", "login/", body)


def by_change(who: Caller | None) -> Any:
    """A client of its own, with the credentials of somebody who is logged in."""
    assert who is not None
    client = Client(enforce_csrf_checks=True)
    client.cookies = who.client.cookies
    path = f"/{who.prefix}/password/"
    return client.post(path, CHANGE, content_type="application/json", headers=who.headers())


DOORS: dict[str, tuple[type[Caller] | None, Callable[[Caller | None], Any]]] = {
    "session form": (None, by_form),
    "session JSON": (None, lambda who: SessionCaller("alice", "wrong").login_answer),
    "token login": (None, lambda who: TokenCaller("alice", "wrong").login_answer),
    "token login, cookie": (None, by_cookie_transport),
    "session password change": (SessionCaller, by_change),
    "token password change": (TokenCaller, by_change),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", DOORS)
def test_of_forty_parallel_guesses_at_any_door_five_reach_the_hasher(
    hasher: type[Counting], settings: Any, door: str
) -> None:
    caller, guess = DOORS[door]
    who = caller() if caller else None
    hasher.runs = 0
    answers = in_threads(40, lambda _: guess(who))
    assert hasher.runs == settings.LOGIN_LIMIT
    # 503 while some of the five are being checked.
    refused = [answer for answer in answers if answer.status_code in (429, 503)]
    assert len(refused) == 35
    assert {1 <= int(answer.headers["Retry-After"]) <= 900 for answer in refused} == {True}
    assert (guess(who).status_code, hasher.runs) == (429, settings.LOGIN_LIMIT)


@pytest.mark.django_db
@pytest.mark.parametrize("first", DOORS)
def test_who_is_locked_at_one_door_is_locked_at_every_other(hasher: type[Counting], first: str) -> None:
    callers = {kind: kind() for kind in (SessionCaller, TokenCaller)}
    for _ in range(5):
        DOORS[first][1](callers.get(DOORS[first][0]))  # type: ignore[arg-type]
    hasher.runs = 0
    answers = [guess(callers.get(kind)) for kind, guess in DOORS.values()]  # type: ignore[arg-type]
    assert ({answer.status_code for answer in answers}, hasher.runs) == ({429}, 0)
    assert {"Retry-After" in answer.headers for answer in answers} == {True}
    bodies = {answer.content for answer in answers if answer.headers["Content-Type"].endswith("json")}
    assert len(bodies) == 1


@pytest.mark.django_db
def test_the_admin_takes_no_password_itself(admin_user: User, hasher: type[Counting]) -> None:
    hasher.runs = 0
    answer = Client().post("/admin/login/", {"username": "admin", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"], hasher.runs) == (302, "/sessions/login/", 0)


@pytest.mark.django_db
@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
def test_unknown_inactive_unusable_and_wrong_cost_the_same_work(hasher: type[Counting], caller: Any) -> None:
    User.objects.create_user("gone", password=PASSWORD, is_active=False)
    User.objects.create_user("unusable")
    said = set()
    for name in ("alice", "nobody", "gone", "unusable"):
        hasher.runs = 0
        answer = caller(name, "wrong").login_answer
        said.add((hasher.runs, answer.status_code, answer.content))
    assert len(said) == 1


def guess(address: str, username: str = "alice", password: str = WRONG, **headers: str) -> int:
    body = {"username": username, "password": password}
    client = Client(REMOTE_ADDR=address)
    answer = client.post("/tokens/login/", body, content_type="application/json", headers=headers)
    return int(answer.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", ["ALICE", "aLiCe", "\uff41\uff4c\uff49\uff43\uff45", "alic\u00e9"])
def test_no_other_spelling_has_a_budget_of_its_own(alice: User, spelling: str) -> None:
    own = spelling == "alic\u00e9"  # another name altogether
    assert [guess("127.0.0.1") for _ in range(5)] == [401] * 5
    assert guess("127.0.0.1", spelling) == (401 if own else 429)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X_Forwarded_For"])
def test_no_header_buys_another_address(alice: User, proxied: None, name: str) -> None:
    assert [guess("127.0.0.1", **{name: f"192.0.2.{n}"}) for n in range(6)] == [401] * 5 + [429]


@pytest.mark.django_db
def test_many_strangers_together_have_one_budget_and_the_owner_another(alice: User) -> None:
    assert guess("127.0.0.200", password=PASSWORD) == 200
    for stranger in range(1, 11):
        assert [guess(f"127.0.0.{stranger}") for _ in range(5)] == [401] * 5
    assert guess("127.0.0.99") == 429
    assert guess("127.0.0.99", password=PASSWORD) == 429  # or it would tell that it is right
    assert guess("127.0.0.200", password=PASSWORD) == 200  # the owner's place is none of the strangers'
    assert guess("127.0.0.99", "bob") == 401


@pytest.mark.django_db
def test_one_address_may_not_try_account_after_account(db: None) -> None:
    answers = [guess("127.0.0.1", f"user{number}") for number in range(51)]
    assert answers == [401] * 50 + [429]


@pytest.mark.parametrize(
    ("written", "meant", "counted"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::/64"),
        ("nowhere", None, "unknown"),
    ],
)
def test_an_ipv4_client_of_a_dual_stack_socket_has_a_budget_of_its_own(
    written: str, meant: str | None, counted: str
) -> None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = written
    assert client_address(request) == meant
    assert next(iter(keys_of(request, "alice", lambda *where: False)))[0] == counted


@pytest.mark.django_db
def test_a_locked_address_leaves_no_trace_of_the_names_it_tries(queries: Any) -> None:
    assert [guess("127.0.0.1", f"user{number}") for number in range(50)] == [401] * 50
    before = set(GuessingBudget.objects.values_list("key", "used"))
    with queries(2):  # the attempt, and how long the lock lasts: nothing is looked up
        assert guess("127.0.0.1", "one more") == 429
    assert set(GuessingBudget.objects.values_list("key", "used")) == before


@pytest.mark.django_db
def test_a_refused_attempt_uses_nothing_of_any_budget(alice: User) -> None:
    assert [guess("127.0.0.1") for _ in range(5)] == [401] * 5
    assert [guess("127.0.0.1") for _ in range(60)] == [429] * 60
    assert GuessingBudget.objects.get(key="127.0.0.1").used == 5
    assert guess("127.0.0.1", "bob") == 401
    for stranger in range(2, 11):
        assert [guess(f"127.0.0.{stranger}") for _ in range(5)] == [401] * 5
    assert guess("127.0.0.99") == 429
    assert not GuessingBudget.objects.filter(key__startswith="127.0.0.99", used__gt=0).exists()


@pytest.mark.django_db
def test_an_attempt_that_had_to_wait_is_never_told_more_than_the_window(clock: Any) -> None:
    def keys() -> Iterator[tuple[str, int]]:
        clock.shift(5)
        GuessingBudget.objects.create(key="192.0.2.1", used=50, wrong=50, until=timezone.now() + WINDOW)
        yield "192.0.2.1", 50

    with pytest.raises(Locked) as told:
        reserve(keys())
    assert told.value.retry_after == 900


@pytest.mark.django_db
def test_a_right_password_gives_back_what_it_used(alice: User) -> None:
    for _ in range(60):
        assert guess("127.0.0.1", password=PASSWORD) == 200
    assert not GuessingBudget.objects.filter(used__gt=0).exists()


@pytest.mark.django_db
def test_an_administrator_unlocks_and_the_trail_says_so(alice: User, admin_user: User) -> None:
    assert [guess("127.0.0.1") for _ in range(6)][-1] == 429
    staff("watcher", "view_guessingbudget")
    for name, answer in (("watcher", 429), ("admin", 401)):
        admin = Administrator.logged_in(name)
        page = admin.page(f"{BUDGET}?q=alice")
        assert "alice from 127.0.0.1" in page
        assert "locked" in page
        admin.send(BUDGET, action="unlock", _selected_action="127.0.0.1 alice")
        assert guess("127.0.0.1") == answer
    (line,) = AuthEvent.objects.filter(kind="unlocked")
    assert (line.username, line.actor, line.reason) == ("alice", "admin", "127.0.0.1")
    assert AuthEvent.objects.filter(kind="locked", username="alice").count() == 1
