"""The trail: append-only, whole after its users are gone, searched, exported, and purged by age alone."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins import trail
from authcompare.logins.trail import AppendOnly, AuthEvent
from tests.admin.administrators import TRAIL, Administrator
from tests.callers import SessionCaller, TokenCaller
from tests.test_pages_without_javascript import BROWSER

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(admin_user: User) -> Administrator:
    return Administrator.logged_in()


def kinds(**of: Any) -> list[str]:
    return list(AuthEvent.objects.filter(**of).order_by("pk").values_list("kind", flat=True))


def test_each_act_of_a_token_login_is_one_line(alice: User, clock: Any) -> None:
    TokenCaller("alice", "wrong")
    caller = TokenCaller()
    first = caller.refresh_token
    caller.refresh()
    caller.refresh()  # within the grace: the same successor, no new line
    clock.shift(60)
    caller.refresh()
    caller.post_refresh(first)
    caller.log_out()
    assert kinds(scheme="token") == ["login_failed", "login", "refresh", "refresh", "ended", "reuse"]


def test_each_act_of_a_session_is_one_line(alice: User) -> None:
    SessionCaller("alice", "wrong")
    caller = SessionCaller()
    caller.log_out()
    caller.log_out()
    assert kinds(scheme="session") == ["login_failed", "login", "logout"]


def test_a_line_says_who_by_whom_what_and_from_where(alice: User) -> None:
    caller = SessionCaller()
    caller.log_out()
    line = AuthEvent.objects.get(kind="logout")
    assert (line.username, line.user_id, line.actor) == ("alice", str(alice.pk), "alice")
    assert (line.scheme, line.reason, line.ip, line.device) == (
        "session", "logout", "127.0.0.1", "Unknown device"
    )  # fmt: skip
    assert line.login_id is not None
    assert abs(timezone.now() - line.at) < timedelta(minutes=1)


REWRITES = {
    "save": lambda event: event.save(),
    "delete": lambda event: event.delete(),
    "update": lambda event: AuthEvent.objects.filter(pk=event.pk).update(username="x"),
    "bulk delete": lambda event: AuthEvent.objects.all().delete(),
    "base manager": lambda event: AuthEvent._base_manager.all().delete(),
    "bulk_update": lambda event: AuthEvent.objects.bulk_update([event], ["username"]),
    "update_or_create": lambda event: AuthEvent.objects.update_or_create({"username": "x"}, pk=event.pk),
    "upsert": lambda event: AuthEvent.objects.bulk_create(
        [event], update_conflicts=True, unique_fields=["id"], update_fields=["username"]
    ),
}


@pytest.mark.parametrize("rewrite", REWRITES.values(), ids=REWRITES)
def test_no_way_through_the_orm_changes_a_line(alice: User, rewrite: Any) -> None:
    SessionCaller()
    event = AuthEvent.objects.get(kind="login")
    with pytest.raises(AppendOnly), transaction.atomic():
        rewrite(event)
    assert AuthEvent.objects.get(kind="login").username == "alice"


@pytest.mark.parametrize("act", ["add/", "{pk}/change/", "{pk}/delete/"])
def test_no_way_through_the_admin_changes_a_line(admin: Administrator, act: str) -> None:
    event = AuthEvent.objects.get(kind="login")
    path = TRAIL + act.format(pk=event.pk)
    admin.get("/admin/", headers=BROWSER)
    data = {"username": "x", "post": "yes", "csrfmiddlewaretoken": admin.cookies["csrftoken"].value}
    assert admin.post(path, data, headers=BROWSER).status_code == 403
    assert AuthEvent.objects.get(pk=event.pk).username == "admin"


def test_the_trail_outlives_its_user(alice: User) -> None:
    SessionCaller()
    alice.delete()
    assert kinds(username="alice") == ["login", "deleted", "ended"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=login", {"alice", "admin"}),
        ("kind=login_failed", {"bob"}),
        ("scheme=token", {"bob"}),
        ("within=hour", {"alice", "admin", "bob"}),
        ("q=ali", {"alice"}),
        ("q=127.0.0.1", {"alice", "admin", "bob"}),
        ("q=192.0.2.9", set()),
        ("q=a*", set()),
        ("q=a%25i", set()),
        ("reason=logout", {"alice"}),
    ],
)
def test_filters_and_search(
    admin: Administrator, alice: User, bob: User, query: str, found: set[str]
) -> None:
    SessionCaller().log_out()
    TokenCaller("bob", "wrong")
    page = admin.page(f"{TRAIL}?{query}")
    assert {name for name in ("alice", "admin", "bob") if f">{name}</td>" in page} == found


def exported(admin: Administrator, query: str = "") -> list[dict[str, str]]:
    answer = admin.get(f"{TRAIL}export/{query}", headers=BROWSER)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="trail-')
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_the_export_is_the_list_as_csv(admin: Administrator, alice: User) -> None:
    SessionCaller().log_out()
    lines = exported(admin, "?q=alice")
    assert [(line["kind"], line["username"]) for line in lines] == [("logout", "alice"), ("login", "alice")]
    assert len(exported(admin)) == AuthEvent.objects.count()
    assert "export/?q=alice" in admin.page(f"{TRAIL}?q=alice")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"])
def test_no_cell_of_the_export_is_a_formula(admin: Administrator, name: str) -> None:
    AuthEvent(kind="login_failed", username=name).save()
    assert exported(admin, "?kind=login_failed")[0]["username"].replace("\r\n", "\r") == f"'{name}"


def test_a_log_line_is_one_line_of_json_whatever_the_name(
    db: None, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    name = 'eve\r\n{"kind": "login"}\x1b[2J\u2028"'
    with django_capture_on_commit_callbacks(execute=True), caplog.at_level("INFO", "authcompare.trail"):
        AuthEvent(kind="login_failed", username=name, ip="192.0.2.1").save()
    (line,) = caplog.messages
    assert line.isascii()
    assert line.isprintable()
    said = json.loads(line)
    assert (said["kind"], said["username"], said["ip"]) == ("login_failed", name, "192.0.2.1")


def test_only_age_purges_in_batches(alice: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(trail, "BATCH", 10)
    old = timezone.now() - timedelta(days=366)
    AuthEvent.append(AuthEvent(kind="login", username="old", at=old) for _ in range(25))
    SessionCaller()
    said = io.StringIO()
    call_command("purgelogins", stdout=said)
    assert "trail: 25 deleted" in said.getvalue()
    assert kinds() == ["login"]
