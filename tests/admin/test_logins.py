"""The lists of sessions and of token families: one base, the same promises."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins import marks
from authcompare.logins.models import Login, Reason
from authcompare.logins.trail import AuthEvent
from sessions_demo.models import Session
from tests.admin.administrators import BUDGET, LISTS, TRAIL, Administrator, staff
from tests.callers import SessionCaller, TokenCaller, key_of
from tests.test_pages_without_javascript import BROWSER
from tests.test_purgelogins import make
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db
KINDS = [Session, TokenFamily]


@pytest.fixture
def admin(admin_user: User) -> Administrator:
    return Administrator.logged_in()


def some(kind: type[Login], alice: User, bob: User) -> dict[str, Any]:
    """One login of each state, each with something to find it by."""
    now = timezone.now()
    past = now - timezone.timedelta(hours=3)
    states: dict[str, Any] = {
        "active": (alice, {"device": "Firefox on Linux", "ip": "192.0.2.1"}),
        "ended": (alice, {"ended_at": now, "ended_reason": Reason.REUSE, "ip": "192.0.2.2"}),
        "idle": (bob, {"created_at": past, "idle_until": past, "device": "curl"}),
    }
    return {name: make(kind, user, **how)[0] for name, (user, how) in states.items()}


def listed(admin: Administrator, kind: type[Login], query: str, logins: dict[str, Any]) -> set[str]:
    page = admin.page(f"{LISTS[kind.scheme]}?{query}")
    return {name for name, login in logins.items() if str(login.pk) in page}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"active", "ended", "idle"}),
        ("state=active", {"active"}),
        ("state=ended", {"ended"}),
        ("state=expired", {"idle"}),
        ("ended_reason=reuse", {"ended"}),
        ("ended_reason=logout", set()),
        ("within=hour", {"active", "ended"}),
        ("within=day", {"active", "ended", "idle"}),
        ("user=bob", {"idle"}),
        ("user=bo", set()),
        ("device=curl", {"idle"}),
        ("q=ali", {"active", "ended"}),
        ("q=192.0.2.1", {"active"}),
        ("q=192.0.2.99", set()),
        ("q=ali+192.0.2.2", {"ended"}),
        ("state=active&q=bob", set()),
        ("q=a*", set()),
        ("q=[a]li", set()),
        ("q=a%25i", set()),
    ],
)
def test_filters_and_search_find_what_they_say(
    admin: Administrator, alice: User, bob: User, kind: type[Login], query: str, found: set[str]
) -> None:
    assert listed(admin, kind, query, some(kind, alice, bob)) == found


@pytest.mark.parametrize("kind", KINDS)
def test_a_login_is_found_by_its_id(admin: Administrator, alice: User, bob: User, kind: type[Login]) -> None:
    logins = some(kind, alice, bob)
    assert listed(admin, kind, f"q={logins['idle'].pk}", logins) == {"idle"}
    assert listed(admin, kind, f"q={uuid.uuid4()}", logins) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_state_says_by_whom_and_why(admin: Administrator, alice: User, kind: type[Login]) -> None:
    make(kind, alice)[0].end(Reason.ADMIN, by=alice)
    make(kind, alice, idle_until=timezone.now())
    page = admin.page(LISTS[kind.scheme] + "?user=alice")
    assert ">ended by an administrator (alice)</td>" in page
    assert ">idle</td>" in page


ODD = ["q=%00", "user=%00", "p=x", "p=999", "within=x", "state=x", "o=3.2", f"q=fe80::1%25{'x' * 35}"]


@pytest.mark.parametrize("query", ODD)
def test_an_odd_query_is_no_error(admin: Administrator, alice: User, query: str) -> None:
    answer = admin.get(f"{LISTS['session']}?{query}", headers=BROWSER, follow=True)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "query", ["key_hash__startswith=a", "session_data__contains=a", "user__password__startswith=pbkdf2"]
)
def test_what_is_never_shown_cannot_be_asked_for(admin: Administrator, alice: User, query: str) -> None:
    assert admin.get(f"{LISTS['session']}?{query}", headers=BROWSER).status_code == 400


def test_no_page_shows_a_secret_or_a_raw_row(admin: Administrator, alice: User) -> None:
    browser, phone = SessionCaller(), TokenCaller()
    family, session = TokenFamily.objects.get(), Session.objects.get(user=alice)
    pages = [*LISTS.values(), f"/admin/accounts/user/{alice.pk}/change/", "/admin/logins/authevent/"]
    pages += [f"{LISTS[one.scheme]}{one.pk}/change/" for one in (family, session)]
    secrets = [key_of(browser), phone.refresh_token, phone.access, session.key_hash, session.session_data]
    secrets += [str(family.current_jti), alice.password]
    for path in pages:
        page = admin.page(path)
        assert "alice" in page
        assert [secret for secret in secrets if secret in page] == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_asks_first_and_says_what_happens(admin: Administrator, alice: User, kind: type[Login]) -> None:
    (login,) = make(kind, alice)
    answer = admin.act(LISTS[kind.scheme], "end_selected", login, confirmed=False)
    page = answer.content.decode()
    assert ("What happens at once" in page, "What does not happen at once" in page) == (True, True)
    assert str(kind.at_once()) in page
    assert str(login.pk) in page
    login.refresh_from_db()
    assert login.state == "active"
    admin.end(login)
    login.refresh_from_db()
    assert (login.state, login.ended_by) == ("admin", "admin")
    assert f"Ended: 1 {kind._meta.verbose_name}." in admin.said()


def test_it_says_until_when_access_tokens_work(admin: Administrator, alice: User, clock: Any) -> None:
    TokenCaller()
    clock.shift(30)
    page = admin.act(LISTS["token"], "end_selected", TokenFamily.objects.get(), confirmed=False)
    assert "issued to 1 of them work until 12:05:00 UTC at the latest" in page.content.decode()
    admin.end(TokenFamily.objects.get())
    assert "issued to 1 of them work until 12:05:00 UTC at the latest" in admin.said()


def test_tokens_that_have_expired_are_not_talked_about(admin: Administrator, alice: User, clock: Any) -> None:
    caller = TokenCaller()
    clock.shift(200)
    caller.refresh()
    family = TokenFamily.objects.get()
    assert family.answered_until == timezone.now() + timezone.timedelta(seconds=310)  # grace and lifetime
    clock.shift(310)
    admin.log_in("admin")
    admin.end(family)
    assert "work until" not in admin.said()


def test_whoever_ends_is_warned_where_redis_is_not(
    admin: Administrator, alice: User, monkeypatch: Any
) -> None:
    SessionCaller()
    monkeypatch.setattr(marks, "write", lambda names: not list(names))
    admin.end(Session.objects.get(user=alice))
    assert "Redis could not be told" in admin.said()


def test_all_of_these_users_means_both_kinds_on_every_device(
    admin: Administrator, alice: User, bob: User
) -> None:
    callers = [SessionCaller(), TokenCaller(), SessionCaller("bob"), TokenCaller("bob")]
    chosen = Session.objects.filter(user__in=[alice, bob])
    admin.end(*chosen, action="end_all_of_their_users")
    assert [caller.me().status_code for caller in callers[::2]] == [401, 401]
    assert [caller.refresh().status_code for caller in callers[1::2]] == [401, 401]
    assert "Ended: 2 sessions, 2 token families." in admin.said()
    assert AuthEvent.objects.filter(kind="ended_all").count() == 2


def test_all_across_pages_can_be_ended_at_once(admin: Administrator, alice: User) -> None:
    logins = make(TokenFamily, alice, 1203)
    page = admin.page(LISTS["token"])
    assert "more than 1,000 token families" in page
    asked = admin.act(LISTS["token"], "end_selected", logins[0], confirmed=False, select_across="1")
    assert "More than 1,000 logins" in asked.content.decode()
    admin.end(logins[0], select_across="1")
    assert "Ended: 1203 token families." in admin.said()
    assert not TokenFamily.objects.active().exists()


def test_who_may_see_may_not_end(alice: User) -> None:
    staff("watcher", "view_session", "view_tokenfamily", "end_tokenfamily")
    watcher, (login,) = Administrator.logged_in("watcher"), make(Session, alice)
    page = watcher.page(LISTS["session"])
    assert str(login.pk) in page
    assert "end_selected" not in page
    watcher.end(login)
    watcher.end(*make(TokenFamily, alice), action="end_all_of_their_users")  # ends one kind only
    assert Session.objects.active().filter(pk=login.pk).exists()
    assert TokenFamily.objects.active().exists()


def test_who_may_neither_see_nor_end_sees_nothing(alice: User) -> None:
    staff("clerk", "view_note")
    clerk = Administrator.logged_in("clerk")
    for path in (*LISTS.values(), "/admin/logins/authevent/", "/admin/logins/authevent/export/"):
        assert clerk.get(path, headers=BROWSER).status_code == 403


@pytest.mark.parametrize("action", ["end_selected", "end_all_of_their_users"])
def test_a_superusers_logins_end_by_a_superuser_only(alice: User, admin_user: User, action: str) -> None:
    staff("helper", "view_session", "end_session", "end_tokenfamily")
    helper, boss = Administrator.logged_in("helper"), SessionCaller("admin")
    (theirs,), (alices,) = Session.objects.filter(user=admin_user), make(Session, alice)
    asked = helper.act(LISTS["session"], action, theirs, alices, confirmed=False)
    assert "only a superuser ends them" in asked.content.decode()
    helper.end(theirs, alices, action=action)
    assert boss.me().status_code == 200
    assert not Session.objects.active().filter(user=alice).exists()
    Administrator.logged_in().end(theirs)
    assert boss.me().status_code == 401


def test_a_list_counts_no_further_than_anybody_reads(admin: Administrator, alice: User) -> None:
    make(Session, alice, 60)
    with CaptureQueriesContext(connection) as captured:
        admin.page(f"{LISTS['session']}?o=5&state=active")
    statements = [one["sql"] for one in captured if "sessions_demo_session" in one["sql"]]
    counts = [sql for sql in statements if "COUNT(" in sql]
    assert all("LIMIT 1001" in sql for sql in counts)
    assert [
        sql
        for sql in statements
        if "ORDER BY" in sql and "LIMIT 50" in sql and 'last_seen_at" DESC' not in sql
    ]


def test_an_administrator_may_end_the_very_login_they_use(admin: Administrator, admin_user: User) -> None:
    answer = admin.end(Session.objects.get(user=admin_user))
    assert answer.status_code == 302
    assert admin.get("/admin/", headers=BROWSER).status_code == 302


@pytest.mark.parametrize("page", [*LISTS.values(), TRAIL, BUDGET])
def test_an_odd_address_names_no_row(admin: Administrator, page: str) -> None:
    assert admin.get(f"{page}%00/change/", headers=BROWSER).headers["Location"] == "/admin/"
