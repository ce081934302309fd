"""What attacking the product turned up, kept from coming back."""

import ast
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins import marks
from authcompare.logins.models import Login, Reason, end_logins_of
from authcompare.notes import views
from sessions_demo.models import Session
from sessions_demo.store import SessionStore
from tests.callers import SessionCaller, TokenCaller, key_of
from tests.conftest import PASSWORD
from tests.test_pages_without_javascript import BROWSER, Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(admin_user: User) -> Browser:
    browser = Browser(enforce_csrf_checks=True)
    browser.log_in("admin")
    return browser


def test_the_admin_has_no_password_door_of_its_own(admin: Browser, admin_user: User) -> None:
    for path in ("/admin/password_change/", f"/admin/accounts/user/{admin_user.pk}/password/"):
        assert admin.get(path).headers["Location"] == "/sessions/password/"


def test_an_administrator_sets_a_password_and_ends_all_logins_of_that_user(
    admin: Browser, alice: User
) -> None:
    caller = SessionCaller()
    new = {
        "password1": "a new one, quite long",
        "password2": "a new one, quite long",
        "usable_password": "true",
    }
    assert admin.send(f"/admin/accounts/user/{alice.pk}/password/", **new).status_code == 302
    assert caller.me().status_code == 401


def test_an_administrator_deletes_a_user_who_is_logged_in(admin: Browser, alice: User) -> None:
    SessionCaller()
    api = TokenCaller()
    assert admin.send(f"/admin/accounts/user/{alice.pk}/delete/", post="yes").status_code == 302
    assert not User.objects.filter(username="alice").exists()
    assert api.refresh().status_code == 401


@pytest.mark.parametrize("path", ["/tokens/login/", "/tokens/refresh/", "/sessions/login/"])
@pytest.mark.parametrize(
    ("body", "status"),
    [("[" * 200_000, 400), ('{"a": "' + "x" * 3_000_000 + '"}', 413)],
    ids=["deep", "long"],
)
def test_a_monstrous_body_is_a_clear_error(path: str, body: str, status: int) -> None:
    answer = Client().post(path, body, content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


def test_a_deleted_users_token_stays_dead_when_redis_was_emptied(alice: User, settings: Any) -> None:
    settings.TOKEN_CHECK = "denylist"
    caller = TokenCaller()
    assert caller.me().status_code == 200
    alice.delete()
    marks.redis().flushdb()
    assert [caller.me().status_code for _ in range(3)] == [401] * 3


class Literals:
    """A SESSION_SERIALIZER that keeps types which JSON has not."""

    def dumps(self, data: Any) -> bytes:
        return repr(data).encode()

    def loads(self, text: bytes) -> Any:
        return ast.literal_eval(text.decode())


@pytest.mark.parametrize("value", [("a", "b"), {1: "one"}, {"of": {1, 2}}, b"bytes"])
def test_what_json_would_change_is_not_copied(alice: User, settings: Any, value: Any) -> None:
    settings.SESSION_STORE, settings.SESSION_SERIALIZER = "cached", f"{__name__}.Literals"
    caller = SessionCaller()
    caller.me()
    (name,) = marks.redis().keys("session:*")
    session = SessionStore(key_of(caller))
    session["value"] = value
    session.save()
    marks.redis().delete(name)  # a minute later it may be copied again
    assert [SessionStore(key_of(caller))["value"] for _ in range(2)] == [value, value]
    assert not marks.redis().keys("session:*")


def test_a_proxy_of_ours_is_believed_and_nobody_else(alice: User, settings: Any, proxied: None) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(6):
        answer = wrong_guess(f"203.0.113.{number}, 198.51.100.7")
    assert answer.status_code == 429
    assert wrong_guess("198.51.100.7, 198.51.100.8").status_code == 401
    for nonsense in ("", "nonsense", ",,,"):
        assert wrong_guess(nonsense).status_code == 401


def wrong_guess(forwarded: str) -> Any:
    body = {"username": "alice", "password": "wrong"}
    headers = {"X-Forwarded-For": forwarded}
    return Client().post("/tokens/login/", body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("check", ["none", "denylist", "database"])
def test_an_access_token_of_an_ended_login_ends_no_other(alice: User, settings: Any, check: str) -> None:
    settings.TOKEN_CHECK = check
    thief, owner = TokenCaller(), TokenCaller()
    login = owner.me().json()["login"]
    thief.log_out()
    for path in ("active/", "active/?others=true", f"active/{login}/"):
        answer = thief.call("DELETE", path)
        assert (answer.status_code, answer.json()["type"]) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert owner.refresh().status_code == 200


def test_a_copy_of_an_ended_session_ends_no_other(alice: User, settings: Any) -> None:
    settings.SESSION_STORE = "cached"
    thief, owner = SessionCaller(), SessionCaller()
    assert thief.me().status_code == 200
    # As when Redis could not be told: the row has ended, the copy answers on.
    models.QuerySet(Session).filter(pk=thief.me().json()["login"]).update(ended_at=timezone.now())
    answer = thief.call("DELETE", "active/")
    assert (answer.status_code, answer.json()["type"]) == (401, "not_authenticated")
    for end in ("others", str(owner.me().json()["login"])):
        form = {"end": end, "csrfmiddlewaretoken": thief.client.cookies["csrftoken"].value}
        answer = thief.client.post("/sessions/devices/", form, headers=BROWSER)
        assert answer.headers["Location"] == "/sessions/login/?next=/sessions/devices/"
    assert owner.me().status_code == 200


@pytest.mark.parametrize("others", ["True", "1", ""])
def test_an_unclear_wish_ends_nothing(alice: User, others: str) -> None:
    caller = SessionCaller()
    assert caller.call("DELETE", f"active/?others={others}").status_code == 400
    assert caller.me().status_code == 200


def test_personal_answers_by_token_cookie_are_never_stored(alice: User) -> None:
    client = Client()
    body = {"username": "alice", "password": PASSWORD, "transport": "cookie"}
    client.post("/tokens/login/", body, content_type="application/json")
    assert client.get("/tokens/notes/").headers["Cache-Control"] == "no-store"


def test_saving_an_idled_out_session_revives_nothing(alice: User, clock: Any) -> None:
    key = key_of(SessionCaller())
    clock.shift(2 * 3600 + 1)
    late = SessionStore(key)
    late.clear()
    late["_auth_user_id"] = str(alice.pk)
    with pytest.raises(UpdateError):
        late.save()
    assert not Session.objects.active().exists()


def test_of_two_readers_of_one_due_row_one_writes(alice: User, clock: Any) -> None:
    key = key_of(SessionCaller())
    slow = SessionStore(key)
    slow.row = Session.objects.get()
    clock.shift(60)
    SessionStore(key).load()
    written = Session.objects.get().last_seen_at
    clock.shift(1)
    slow._touch(timezone.now())
    assert Session.objects.get().last_seen_at == written


def test_a_note_deleted_meanwhile_is_not_written_anew(alice: User, monkeypatch: Any) -> None:
    caller = TokenCaller()
    path = f"notes/{caller.call('POST', 'notes/', {'text': 'first'}).json()['id']}/"
    genuine = views.NoteDetail.perform_update

    def late(self: Any, serializer: Any) -> None:
        alice.notes.all().delete()
        genuine(self, serializer)

    monkeypatch.setattr(views.NoteDetail, "perform_update", late)
    assert caller.call("PUT", path, {"text": "again"}).status_code == 404
    assert not alice.notes.exists()


@pytest.mark.parametrize("days", ["0", "-1", "99999999999", "soon"])
def test_purging_what_is_alive_is_refused(alice: User, days: str) -> None:
    SessionCaller()
    with pytest.raises((CommandError, SystemExit)):
        call_command("purgelogins", "--days", days)
    assert Session.objects.active().exists()


def test_changing_the_password_needs_a_login_of_the_last_ten_minutes(alice: User, clock: Any) -> None:
    caller = SessionCaller()
    clock.shift(601)
    body = {"old_password": PASSWORD, "new_password": "a new one, quite long"}
    answer = caller.call("POST", "password/", body)
    assert (answer.status_code, answer.json()["type"]) == (403, "reauthenticate")
    page = Client()
    page.cookies = caller.client.cookies
    assert page.get("/sessions/password/", headers=BROWSER).status_code == 200


def test_kinds_are_all_ended_whatever_is_passed(alice: User) -> None:
    SessionCaller()
    TokenCaller()
    assert end_logins_of((pk for pk in [alice.pk]), Reason.ADMIN).count == len(Login.kinds())
