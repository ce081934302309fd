"""What is not meant to work does not: other methods, other bodies, other origins, extra fields."""

import json
import logging
import string
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import path

from authcompare.accounts.models import User
from authcompare.logins.trail import AuthEvent
from authcompare.notes.models import Note
from authcompare.problems import bad_request, not_found, permission_denied, server_error
from sessions_demo.models import Session
from sessions_demo.store import SessionStore
from tests.callers import Caller, SessionCaller, TokenCaller
from tests.people import PASSWORD
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("kind", [SessionCaller, TokenCaller])
PATHS = ["login/", "logout/", "refresh/", "password/", "me/", "notes/", "notes/1/", "active/", "devices/", ""]
handler400, handler403, handler404, handler500 = bad_request, permission_denied, not_found, server_error
STATE = (User, Note, Session, TokenFamily, AuthEvent)


def failing(request: Any) -> None:
    raise ValueError("SELECT a secret")


urlpatterns = [path("failing", failing)]


@BOTH
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_safe_methods_change_nothing(alice: User, kind: type[Caller], method: str) -> None:
    caller = kind()
    caller.call("POST", "notes/", {"text": "mine"})
    before = [list(model._default_manager.values()) for model in STATE]
    for each in PATHS:
        assert caller.call(method, each).status_code < 500
    assert [list(model._default_manager.values()) for model in STATE] == before
    assert caller.me().status_code == 200


@BOTH
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW"])
def test_other_methods_are_nowhere(alice: User, kind: type[Caller], method: str) -> None:
    caller = kind()
    assert {caller.call(method, each).status_code for each in PATHS} <= {405, 404}


@BOTH
def test_a_method_cannot_be_overridden_by_a_header(alice: User, kind: type[Caller]) -> None:
    caller = kind()
    made = caller.call("POST", "notes/", {"text": "mine"}).json()
    header = {"X-HTTP-Method-Override": "DELETE"}
    assert caller.call("GET", f"notes/{made['id']}/", **header).json() == made


@pytest.mark.parametrize(
    "body", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
@pytest.mark.parametrize("each", ["login/", "refresh/", "logout/", "password/", "notes/"])
def test_what_a_browser_sends_anywhere_without_asking_is_not_taken(alice: User, each: str, body: str) -> None:
    caller = TokenCaller()
    sent = json.dumps({"username": "alice", "refresh": caller.refresh_token, "text": "x"})
    answer = caller.client.generic("POST", f"/tokens/{each}", sent, body, headers=caller.headers())
    assert answer.status_code == 415
    assert caller.refresh().status_code == 200
    assert not alice.notes.exists()


@pytest.mark.parametrize(
    "origin",
    ["https://evil.test", "null", "https://app.test.evil.test", "http://app.test", "https://app.test:1"],
)
def test_another_origin_is_told_nothing(client: Client, alice: User, origin: str) -> None:
    with override_settings(CORS_ALLOWED_ORIGINS=["https://app.test"]):
        for path_ in ("/tokens/me/", "/tokens/login/", "/sessions/me/", "/sessions/"):
            answer = client.options(
                path_, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
            )
            assert "Access-Control-Allow-Origin" not in answer.headers
        ours = client.get("/tokens/me/", headers={"Origin": "https://app.test"})
        session = client.get("/sessions/me/", headers={"Origin": "https://app.test"})
    assert ours.headers["Access-Control-Allow-Origin"] == "https://app.test"
    assert "Access-Control-Allow-Origin" not in session.headers


@BOTH
def test_fields_nobody_asked_for_are_not_taken(alice: User, bob: User, kind: type[Caller]) -> None:
    caller = kind()
    sent = {
        "text": "mine",
        "owner": bob.pk,
        "owner_id": bob.pk,
        "id": 7,
        "created_at": "2001-01-01T00:00:00Z",
    }
    note = caller.call("POST", "notes/", sent).json()
    caller.call("PATCH", f"notes/{note['id']}/", {"owner": bob.pk, "id": 9})
    assert (alice.notes.get().pk, bob.notes.count()) == (note["id"], 0)
    assert not note["created_at"].startswith("2001")


@BOTH
@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}, ["x"], {"x": 1}])
def test_what_is_no_text_is_refused_wherever_text_is_wanted(
    alice: User, kind: type[Caller], value: Any
) -> None:
    caller = kind()
    for each, name in [
        ("notes/", "text"),
        ("password/", "old_password"),
        ("login/", "username"),
        ("login/", "password"),
    ]:
        sent = {
            "text": "x",
            "old_password": "x",
            "new_password": "x",
            "username": "alice",
            "password": "x",
            name: value,
        }
        answer = caller.call("POST", each, sent)
        assert (answer.status_code, name in answer.json()["errors"]) == (400, True)


def test_a_session_key_has_190_random_bits(alice: User) -> None:
    keys = set()
    for _ in range(40):
        store = SessionStore()
        store.create()
        keys.add(store.session_key)
        store.cycle_key()
        keys.add(store.session_key)
    assert (len(keys), {len(key) for key in keys}) == (80, {32})
    assert set("".join(keys)) == set(string.ascii_letters + string.digits)


@override_settings(ROOT_URLCONF="tests.test_closed_doors")
def test_an_error_of_ours_says_nothing_of_its_cause_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    answer = Client(raise_request_exception=False).get("/failing")
    assert (answer.status_code, answer.json()["type"]) == (500, "server_error")
    assert b"secret" not in answer.content
    assert "a secret" in caplog.text


@BOTH
def test_refusals_are_logged(alice: User, kind: type[Caller], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "django.request")
    caller = kind("nobody")
    caller.me()
    assert f"Unauthorized: /{kind.prefix}/me/" in caplog.text
    AuthEvent.objects.get(kind="login_failed", username="nobody")


@BOTH
def test_names_that_look_alike_have_budgets_of_their_own(db: None, kind: type[Caller], settings: Any) -> None:
    settings.LOGIN_LIMIT = 1
    for name in ("a b", "a  b", "a\tb", "a\nb", "x" * 150, "x" * 149 + "y", "ⅷ x"):
        assert kind(name).login_answer.status_code == 401
        assert kind(name).login_answer.status_code == 429


def test_an_origin_let_in_to_the_tokens_may_not_act_by_a_session(alice: User) -> None:
    """Not even with a CSRF token that it was shown: the two mounts share that cookie."""
    browser = SessionCaller()
    origin = {"Origin": "https://app.test"}
    with override_settings(CORS_ALLOWED_ORIGINS=["https://app.test"]):
        sent = {"username": "alice", "password": PASSWORD, "transport": "cookie"}
        login = browser.client.post("/tokens/login/", sent, "application/json", headers=origin)
        proof = {**origin, "X-CSRFToken": login.headers["X-CSRFToken"]}
        by_session = browser.call("POST", "notes/", {"text": "forged"}, **proof)
        by_token = browser.client.post("/tokens/notes/", {"text": "mine"}, "application/json", headers=proof)
    assert (by_session.status_code, by_session.json()["type"]) == (403, "csrf")
    assert by_token.status_code == 201
    assert [note.text for note in alice.notes.all()] == ["mine"]
