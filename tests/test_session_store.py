"""What only sessions have: keys, copies, the two time-outs, and races between a request and an end."""

from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from authcompare.accounts.models import User
from authcompare.logins.models import Reason
from sessions_demo.models import Session, digest
from sessions_demo.store import SessionStore
from tests.callers import SessionCaller, key_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_database_answers_with_one_select(alice: User, settings: Any, queries: Any) -> None:
    settings.SESSION_STORE = "database"
    caller = SessionCaller()
    with queries(1):
        assert caller.me().status_code == 200


def test_cached_answers_without_any(alice: User, settings: Any, queries: Any) -> None:
    settings.SESSION_STORE = "cached"
    caller = SessionCaller()
    caller.me()
    with queries(0):
        assert caller.me().status_code == 200


def test_staff_are_never_copied(admin_user: User, settings: Any, queries: Any) -> None:
    settings.SESSION_STORE = "cached"
    caller = SessionCaller("admin")
    caller.me()
    with queries(1):
        assert caller.me().json()["is_staff"] is True


def test_a_demotion_acts_at_once(admin_user: User, store: str) -> None:
    caller = SessionCaller("admin")
    User.objects.update(is_staff=False)
    assert caller.me().json()["is_staff"] is False


def test_login_gives_a_new_key_even_to_the_same_user_and_the_old_one_is_dead(alice: User, store: str) -> None:
    caller = SessionCaller()
    caller.me()
    old = key_of(caller)
    caller.log_in("alice", PASSWORD)
    assert key_of(caller) != old
    assert caller.me().status_code == 200
    thief = Client()
    thief.cookies["sessionid"] = old
    assert thief.get("/sessions/me/").status_code == 401
    assert Session.objects.get(key_hash=digest(old)).ended_reason == Reason.REPLACED


def test_password_change_gives_a_new_key_and_the_old_one_is_dead(alice: User, store: str) -> None:
    caller = SessionCaller()
    caller.me()
    old, login = key_of(caller), caller.me().json()["login"]
    body = {"old_password": PASSWORD, "new_password": "a new password, quite long"}
    assert caller.call("POST", "password/", body).status_code == 204
    assert key_of(caller) != old
    assert caller.me().json()["login"] == login
    thief = Client()
    thief.cookies["sessionid"] = old
    assert thief.get("/sessions/me/").status_code == 401


def test_anonymous_data_does_not_survive_a_login(alice: User, store: str) -> None:
    anonymous = SessionStore()
    anonymous["planted"] = "by an attacker"
    anonymous.save()
    caller = SessionCaller("nobody")
    caller.client.cookies["sessionid"] = anonymous.session_key
    caller.log_in("alice", PASSWORD)
    assert caller.me().status_code == 200
    assert key_of(caller) != anonymous.session_key
    assert "planted" not in SessionStore(key_of(caller))
    assert not Session.objects.filter(user=None).exists()


@pytest.mark.parametrize("key", ["", "x", "a" * 32, "a" * 5000, "ä" * 32, "'; DROP TABLE", "../../etc"])
def test_an_unknown_key_is_never_adopted(db: None, store: str, key: str) -> None:
    session = SessionStore(key)
    session["a"] = 1
    session.save()
    assert session.session_key != key
    client = Client()
    client.cookies["sessionid"] = "".join(one for one in key if one.isascii())
    assert client.get("/sessions/me/").status_code == 401


def test_login_needs_a_csrf_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    body = {"username": "alice", "password": PASSWORD}
    answer = client.post("/sessions/login/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["type"]) == (403, "csrf")
    assert not Session.objects.exists()


def test_unsafe_requests_need_a_csrf_token(alice: User) -> None:
    caller = SessionCaller()
    for method, path in [
        ("POST", "notes/"),
        ("DELETE", "active/"),
        ("POST", "logout/"),
        ("POST", "password/"),
    ]:
        answer = caller.client.generic(method, f"/sessions/{path}", "{}", content_type="application/json")
        assert (answer.status_code, answer.json()["type"]) == (403, "csrf")
    assert caller.me().status_code == 200


def test_a_get_by_an_active_user_writes_nothing_and_sets_no_cookie(alice: User, store: str) -> None:
    caller = SessionCaller()
    caller.me()
    with CaptureQueriesContext(connection) as captured:
        answer = caller.me()
    assert not [query for query in captured if not query["sql"].startswith("SELECT")]
    assert not answer.cookies


def test_idle_timeout_is_enforced_to_the_second_and_pushed_by_use(
    alice: User, store: str, settings: Any, clock: Any
) -> None:
    settings.SESSION_IDLE_SECONDS = 600
    caller = SessionCaller()
    clock.shift(599)
    assert caller.me().status_code == 200
    clock.shift(599)
    assert caller.me().status_code == 200
    clock.shift(600)
    assert caller.me().status_code == 401


def test_absolute_timeout_is_enforced_to_the_second_whatever_the_use(
    alice: User, store: str, settings: Any, clock: Any
) -> None:
    settings.SESSION_ABSOLUTE_SECONDS = settings.SESSION_COOKIE_AGE = 1000
    settings.SESSION_IDLE_SECONDS = 900
    caller = SessionCaller()
    for _ in range(9):
        clock.shift(111)
        assert caller.me().status_code == 200
    clock.shift(1)
    assert caller.me().status_code == 401


def test_last_seen_is_written_once_a_minute(alice: User, store: str, clock: Any) -> None:
    caller = SessionCaller()
    began = Session.objects.get().last_seen_at
    clock.shift(59)
    caller.me()
    assert Session.objects.get().last_seen_at == began
    clock.shift(1)
    caller.me()
    assert (Session.objects.get().last_seen_at - began).total_seconds() == 60


def test_the_cookie_ends_with_the_absolute_timeout(alice: User, clock: Any) -> None:
    caller = SessionCaller()
    clock.shift(1000)
    session = SessionStore(key_of(caller))
    session.load()
    assert session.get_expiry_age() == 14 * 24 * 3600 - 1000


def test_a_session_without_a_user_is_no_login(alice: User) -> None:
    anonymous = SessionStore()
    anonymous["a"] = 1
    anonymous.save()
    assert not Session.objects.active().exists()
    anonymous.flush()
    assert not Session.objects.exists()


def test_a_session_that_is_forgotten_is_looked_for_once() -> None:
    anonymous = SessionStore()
    anonymous.save()
    with CaptureQueriesContext(connection) as asked:
        anonymous.flush()
    looked = [one for one in asked.captured_queries if one["sql"].startswith("SELECT")]
    assert len(looked) == 1
    assert not Session.objects.exists()


def test_django_own_login_makes_a_login(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get("/sessions/me/").status_code == 200
    session = Session.objects.active().get()
    assert session.user == alice
    assert SESSION_KEY in SessionStore(client.cookies["sessionid"].value)
