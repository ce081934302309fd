"""Without its database the server says 503 and when to come back, in every form, and recovers by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from authcompare.problems import is_away
from tests.callers import SessionCaller, TokenCaller
from tests.people import PASSWORD, User

pytestmark = pytest.mark.django_db


@contextmanager
def away() -> Iterator[None]:
    """Every statement fails as it does when the server is gone."""

    def refuse(*statement: Any) -> Any:
        raise OperationalError("the database system is shutting down")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
@pytest.mark.parametrize("path", ["me/", "notes/", "active/"])
def test_a_program_is_told_to_come_back(alice: User, settings: Any, caller: Any, path: str) -> None:
    settings.TOKEN_CHECK = "database"
    calling = caller()
    with away():
        answer = calling.call("GET", path)
    assert (answer.status_code, answer.json()["type"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert calling.me().status_code == 200


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
def test_a_login_is_told_to_come_back(alice: User, caller: Any) -> None:
    calling = caller("nobody")
    with away():
        answer = calling.log_in("alice", "x" * 12)
    assert (answer.status_code, answer.json()["type"]) == (503, "unavailable")


@pytest.mark.parametrize("path", ["/sessions/", "/sessions/devices/", "/"])
def test_a_person_gets_a_page_that_says_so(alice: User, path: str) -> None:
    browser = SessionCaller().client
    browser.raise_request_exception = False
    with away():
        page = browser.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Retry-After"]) == (503, "1")
    assert "cannot reach its database" in page.content.decode()


def test_readiness_says_it_and_liveness_does_not_care(client: Client) -> None:
    with away():
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200


def test_a_session_that_cannot_be_saved_is_the_servers_fault_not_the_browsers(alice: User) -> None:
    browser = SessionCaller()

    def refuse_updates(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith("UPDATE") and "session_data" in sql:
            raise OperationalError("the database system is shutting down")
        return execute(sql, *more)

    new = {"old_password": PASSWORD, "new_password": "a new password, quite long"}
    browser.client.raise_request_exception = False
    with connection.execute_wrapper(refuse_updates):
        answer = browser.call("POST", "password/", new)
    assert answer.status_code == 503


def test_a_table_that_is_missing_is_a_fault_of_ours_and_no_outage() -> None:
    assert not is_away(OperationalError("no such table: accounts_user"))
    assert is_away(OperationalError("database is locked"))
    assert not is_away(None)
