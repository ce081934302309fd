"""A user's page in the admin: what they are logged in on, the end of it, and who may do what to whom."""

from typing import Any

import pytest

from authcompare.accounts.models import User
from authcompare.logins import credentials, marks
from authcompare.logins.models import Reason
from authcompare.logins.trail import AuthEvent
from sessions_demo.models import Session
from tests.admin.administrators import Administrator, staff
from tests.callers import SessionCaller, TokenCaller
from tests.conftest import PASSWORD
from tests.people import copied
from tests.test_pages_without_javascript import BROWSER, Browser
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db
NEW = "quite another passphrase"


@pytest.fixture
def admin(admin_user: User) -> Administrator:
    return Administrator.logged_in()


def page_of(user: User, act: str = "change") -> str:
    return f"/admin/accounts/user/{user.pk}/{act}/"


def test_a_users_page_lists_logins_of_both_kinds_with_their_state(admin: Administrator, alice: User) -> None:
    SessionCaller()
    TokenCaller().log_out()
    page = admin.page(page_of(alice))
    assert f"/admin/sessions_demo/session/{Session.objects.get(user=alice).pk}/change/" in page
    assert f"/admin/tokens_demo/tokenfamily/{TokenFamily.objects.get().pk}/change/" in page
    assert "<td>active</td>" in page
    assert "<td>logged out (alice)</td>" in page


def test_a_users_page_shows_the_latest_of_very_many(admin: Administrator, alice: User) -> None:
    SessionCaller()
    copied(Session.objects.get(user=alice), 150)
    page = admin.page(page_of(alice))
    assert page.count("<td>active</td>") == 100
    assert "And 51 more active ones, seen longer ago." in page


def test_end_all_asks_and_ends_both_kinds(admin: Administrator, alice: User) -> None:
    browser, phone = SessionCaller(), TokenCaller()
    asked = admin.page(page_of(alice, "end-logins"))
    assert "1 session, 1 token family, of <strong>alice</strong>" in asked
    assert browser.me().status_code == 200
    assert admin.send(page_of(alice, "end-logins"), confirmed="yes").headers["Location"] == page_of(alice)
    assert "Ended: 1 session, 1 token family." in admin.said()
    assert (browser.me().status_code, phone.refresh().status_code) == (401, 401)


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
def test_end_all_and_require_a_new_password(
    admin: Administrator, alice: User, caller: Any, settings: Any
) -> None:
    settings.TOKEN_CHECK = "denylist"
    before = caller()
    admin.send(page_of(alice, "renew"), confirmed="yes")
    assert "A new password is required." in admin.said()
    assert before.me().status_code == 401
    refused = caller()
    assert (refused.login_answer.status_code, list(refused.login_answer.json()["errors"])) == (
        400,
        ["new_password"],
    )
    for poor in (PASSWORD, "short", ""):
        body = {"username": "alice", "password": PASSWORD, "new_password": poor}
        assert refused.call("POST", "login/", body).status_code == 400
    body["new_password"] = NEW
    assert refused.call("POST", "login/", body).status_code == 200
    assert (caller().login_answer.status_code, caller("alice", NEW).login_answer.status_code) == (401, 200)
    kinds = AuthEvent.objects.filter(username="alice", kind__in=["must_change", "password"]).order_by("pk")
    assert [(event.kind, event.actor) for event in kinds] == [("must_change", "admin"), ("password", "alice")]


def test_the_login_form_asks_for_the_new_password(admin: Administrator, alice: User) -> None:
    admin.send(page_of(alice, "renew"), confirmed="yes")
    browser = Browser(enforce_csrf_checks=True)
    asked = browser.log_in()
    assert asked.status_code == 400
    assert 'name="new_password"' in asked.content.decode()
    answer = browser.send("/sessions/login/", username="alice", password=PASSWORD, new_password=NEW)
    assert answer.status_code == 303


def test_a_login_that_races_the_requirement_is_refused(alice: User, admin_user: User) -> None:
    """Forced: the password is checked, then a new one is required, then the login would be written."""
    checked = User.objects.get(pk=alice.pk)
    alice.require_new_password(by=admin_user)
    with pytest.raises(credentials.Refused), credentials.admitted(checked):
        raise AssertionError("admitted")


def test_a_new_password_that_nobody_asked_for_is_not_read(alice: User) -> None:
    body = {"username": "alice", "password": PASSWORD, "new_password": NEW}
    TokenCaller().call("POST", "login/", body)
    assert TokenCaller().login_answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"password1": NEW, "password2": NEW, "usable_password": "true"}, Reason.PASSWORD),
        ({"usable_password": "false", "unset-password": "Disable"}, Reason.PASSWORD),
    ],
    ids=["set", "disable"],
)
def test_a_password_set_or_disabled_by_an_administrator_ends_all_and_says_by_whom(
    admin: Administrator, alice: User, form: dict[str, str], reason: Reason
) -> None:
    callers = [SessionCaller(), TokenCaller()]
    assert admin.send(page_of(alice, "password"), **form).status_code == 302
    assert [callers[0].me().status_code, callers[1].refresh().status_code] == [401, 401]
    trail = AuthEvent.objects.filter(username="alice", actor="admin")
    assert sorted(trail.values_list("kind", "reason")) == [
        ("ended", reason), ("ended", reason), ("password", "")
    ]  # fmt: skip


def test_deactivation_and_deletion_are_in_the_trail_even_without_a_login(
    admin: Administrator, alice: User, bob: User
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    admin.send(page_of(bob, "delete"), post="yes")
    assert AuthEvent.objects.filter(kind="deactivated", username="alice").count() == 1
    assert AuthEvent.objects.filter(kind="deleted", username="bob", actor="admin").count() == 1


def test_users_deleted_from_the_list_are_ended_by_whoever_deletes_them(
    admin: Administrator, alice: User
) -> None:
    SessionCaller()
    chosen = {"action": "delete_selected", "_selected_action": str(alice.pk), "post": "yes"}
    assert admin.send("/admin/accounts/user/", **chosen).status_code == 302
    trail = AuthEvent.objects.filter(username="alice", kind__in=["deleted", "ended"]).order_by("pk")
    # The account first, then its logins: a password change locks them in this order, too.
    assert list(trail.values_list("kind", "actor")) == [("deleted", "admin"), ("ended", "admin")]


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("change", {"username": "alice", "date_joined_0": "2026-01-01", "date_joined_1": "00:00"}),
        ("password", {"password1": NEW, "password2": NEW, "usable_password": "true"}),
        ("delete", {"post": "yes"}),
        ("", {"action": "delete_selected", "post": "yes"}),
    ],
    ids=["deactivate", "password", "delete", "delete from the list"],
)
def test_who_ends_by_changing_a_user_is_warned_where_redis_is_not(
    admin: Administrator, alice: User, monkeypatch: Any, act: str, form: dict[str, str]
) -> None:
    SessionCaller()
    monkeypatch.setattr(marks, "write", lambda names: not list(names))
    chosen = {} if act else {"_selected_action": str(alice.pk)}
    admin.send(page_of(alice, act) if act else "/admin/accounts/user/", **form, **chosen)
    assert Session.objects.filter(user__username="admin").get().ended_at is None
    assert not Session.objects.active().exclude(user__username="admin").exists()
    assert "Redis could not be told" in admin.said()


@pytest.mark.parametrize("act", ["end-logins", "renew"])
def test_who_may_change_a_user_may_not_therefore_end_their_logins(alice: User, act: str) -> None:
    staff("clerk", "view_user", "change_user", "view_session", "end_session")  # one kind is not all
    clerk, caller = Administrator.logged_in("clerk"), SessionCaller()
    assert "end-logins" not in clerk.page(page_of(alice))
    assert clerk.get(page_of(alice, act), headers=BROWSER).status_code == 403
    assert caller.me().status_code == 200


ALL_RIGHTS = ["view_user", "change_user", "delete_user", "end_session", "end_tokenfamily"]


@pytest.mark.parametrize("act", ["end-logins", "renew", "password", "delete"])
def test_a_superuser_is_out_of_reach_for_everybody_else(admin_user: User, act: str) -> None:
    staff("helper", *ALL_RIGHTS)
    helper, boss = Administrator.logged_in("helper"), SessionCaller("admin")
    assert helper.get(page_of(admin_user, act), headers=BROWSER).status_code == 403
    assert helper.get(page_of(admin_user), headers=BROWSER).status_code == 200
    assert boss.me().status_code == 200


def test_nobody_makes_themselves_a_superuser(db: None) -> None:
    user = staff("helper", *ALL_RIGHTS)
    helper = Administrator.logged_in("helper")
    fields = {"username": "helper", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    dates = {"date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}
    assert helper.send(page_of(user), **fields, **dates).status_code == 302
    user.refresh_from_db()
    assert not user.is_superuser


@pytest.mark.parametrize("pk", ["999999", "x", "²", "1_0"])
def test_a_user_who_is_not_there_is_404_or_a_way_back(admin: Administrator, pk: str) -> None:
    assert admin.get(f"/admin/accounts/user/{pk}/end-logins/", headers=BROWSER).status_code == 404
    assert admin.get(f"/admin/accounts/user/{pk}/change/", headers=BROWSER).status_code == 302
