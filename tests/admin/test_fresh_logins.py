"""Ending other people's logins in the admin asks for the password again after ten minutes."""

from typing import Any

import pytest

from authcompare.accounts.models import User
from authcompare.logins.models import Login
from sessions_demo.models import Session
from tests.admin.administrators import LISTS, Administrator
from tests.callers import SessionCaller, TokenCaller
from tests.test_pages_without_javascript import BROWSER
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db
NEW = "quite another passphrase"
USERS = "/admin/accounts/user/"
PAGES: dict[str, dict[str, str]] = {
    "change": {"username": "alice"},  # without the tick at "active"
    "end-logins": {"confirmed": "yes"},
    "renew": {"confirmed": "yes"},
    "password": {"password1": NEW, "password2": NEW, "usable_password": "true"},
    "delete": {"post": "yes"},
}


@pytest.fixture
def late(admin_user: User, alice: User, clock: Any) -> Administrator:
    """An administrator who logged in a second too long ago, and alice, who is logged in by both schemes."""
    admin = Administrator.logged_in()
    SessionCaller()
    TokenCaller()
    clock.shift(601)
    return admin


def active() -> int:
    return sum(
        kind._default_manager.active().exclude(user__username="admin").count() for kind in Login.kinds()
    )


def refuses(answer: Any, path: str) -> bool:
    to_the_login = (answer.status_code, answer.headers["Location"]) == (302, f"/sessions/login/?next={path}")
    return to_the_login and active() == 2


@pytest.mark.parametrize("act", PAGES)
def test_no_page_of_a_user_ends_logins_without_the_password(
    late: Administrator, alice: User, act: str
) -> None:
    page = f"{USERS}{alice.pk}/{act}/"
    assert refuses(late.send(page, **PAGES[act]), page)


@pytest.mark.parametrize("act", ["end-logins", "renew", "password", "delete"])
def test_the_password_is_asked_for_before_the_form_is_filled_in(
    late: Administrator, alice: User, act: str
) -> None:
    page = f"{USERS}{alice.pk}/{act}/"
    assert refuses(late.get(page, headers=BROWSER), page)
    late.log_in("admin")
    assert late.get(page, headers=BROWSER).status_code == 200


@pytest.mark.parametrize("kind", [Session, TokenFamily])
@pytest.mark.parametrize("action", ["end_selected", "end_all_of_their_users"])
def test_no_list_ends_logins_without_the_password(
    late: Administrator, alice: User, kind: type[Login], action: str
) -> None:
    login = kind._default_manager.get(user=alice)
    assert refuses(late.end(login, action=action), LISTS[kind.scheme])
    late.log_in("admin")
    assert late.end(login, action=action).status_code == 302
    assert active() < 2


def test_users_are_not_deleted_from_the_list_without_the_password(late: Administrator, alice: User) -> None:
    chosen = {"action": "delete_selected", "_selected_action": str(alice.pk), "post": "yes"}
    assert refuses(late.send(USERS, **chosen), USERS)


def test_reading_needs_no_password(late: Administrator, alice: User) -> None:
    for page in (USERS, f"{USERS}{alice.pk}/change/", *LISTS.values()):
        assert "alice" in late.page(page)
