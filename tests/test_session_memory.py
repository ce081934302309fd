"""`SESSION_STORE=memory`: works in one process, is forgotten with it, and ends nothing from outside."""

from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from authcompare.accounts.models import User
from sessions_demo.models import Session
from tests.callers import SessionCaller
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(alice: User, settings: Any) -> SessionCaller:
    settings.SESSION_STORE, settings.SESSION_ENGINE = "memory", "sessions_demo.store.memory"
    caches["memory"].clear()
    return SessionCaller()


def test_it_answers_and_keeps_no_row(caller: SessionCaller, queries: Any) -> None:
    with queries(1):  # the user
        body = caller.me().json()
    assert (body["username"], body["scheme"]) == ("alice", "session")
    assert not Session.objects.exists()


def test_another_process_knows_nothing_of_it(caller: SessionCaller) -> None:
    caches["memory"].clear()
    assert caller.me().status_code == 401


def test_logout_ends_it(caller: SessionCaller) -> None:
    thief = Client()
    thief.cookies["sessionid"] = caller.client.cookies["sessionid"].value
    assert thief.get("/sessions/me/").status_code == 200
    assert caller.log_out().status_code == 204
    assert thief.get("/sessions/me/").status_code == 401


def test_a_changed_password_and_a_deactivation_are_seen(caller: SessionCaller, alice: User) -> None:
    alice.set_password("another one, quite long")
    alice.save()
    assert caller.me().status_code == 401
    again = SessionCaller("alice", "another one, quite long")
    User.objects.update(is_active=False)
    assert again.me().status_code == 401


def test_a_login_gives_a_new_key(caller: SessionCaller) -> None:
    old = caller.client.cookies["sessionid"].value
    caller.log_in("alice", PASSWORD)
    assert caller.client.cookies["sessionid"].value != old
