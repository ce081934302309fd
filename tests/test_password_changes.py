"""A login or a second change in the middle of a change: each interleaving forced, then with real threads."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.db import connection

from authcompare.accounts.models import User
from authcompare.logins.models import Login
from authcompare.logins.trail import AuthEvent
from tests.callers import SessionCaller, TokenCaller, key_of
from tests.conftest import PASSWORD
from tests.threads import in_threads

NEW = "a new password, quite long"
CHANGE = {"old_password": PASSWORD, "new_password": NEW}
CALLERS = [SessionCaller, TokenCaller]


def active() -> int:
    return sum(kind._default_manager.active().count() for kind in Login.kinds())  # type: ignore[attr-defined]


class Interrupted(MD5PasswordHasher):
    """Says that the password is right; meanwhile something has happened to its user."""

    meanwhile: list[Callable[[], Any]] = []

    def verify(self, password: str, encoded: str) -> bool:
        is_right = super().verify(password, encoded)
        if is_right and Interrupted.meanwhile:
            Interrupted.meanwhile.pop()()
        return is_right


@pytest.fixture
def meanwhile(settings: Any) -> Any:
    settings.PASSWORD_HASHERS = ["tests.test_password_changes.Interrupted"]
    Interrupted.meanwhile = []
    return Interrupted.meanwhile


def alices() -> Any:
    return User.objects.filter(username="alice")


def set_and_save() -> None:
    user = alices().get()
    user.set_password(NEW)
    user.save()


def disable() -> None:
    user = alices().get()
    user.set_unusable_password()
    user.save(update_fields=["password"])


def in_bulk() -> None:
    user = alices().get()
    user.password = make_password(NEW)
    User.objects.bulk_update([user], ["password"])


MEANWHILE: dict[str, Callable[[], Any]] = {
    "password set": set_and_save,
    "password disabled": disable,
    "password set in bulk": in_bulk,
    "password updated": lambda: alices().update(password=make_password(NEW)),
    "deactivated": lambda: alices().update(is_active=False),
    "deleted": lambda: alices().get().delete(),
    "new password required": lambda: alices().get().require_new_password(by=None),
}


@pytest.mark.django_db
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("happens", MEANWHILE.values(), ids=MEANWHILE)
def test_a_login_in_the_middle_of_a_change_does_not_survive_it(
    alice: User, meanwhile: Any, caller: Any, happens: Callable[[], Any]
) -> None:
    meanwhile.append(happens)
    assert caller().login_answer.status_code == 401
    assert (active(), meanwhile) == (0, [])


@pytest.mark.django_db
@pytest.mark.parametrize("caller", CALLERS)
def test_of_two_changes_at_once_the_second_changes_nothing(alice: User, meanwhile: Any, caller: Any) -> None:
    here = caller()
    meanwhile.append(lambda: alices().update(password=make_password("faster than you")))
    assert here.call("POST", "password/", CHANGE).status_code == 401
    assert alices().get().check_password("faster than you")
    assert active() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("caller", CALLERS)
def test_a_change_ends_the_others_of_both_kinds_and_keeps_this_device(alice: User, caller: Any) -> None:
    here, others = caller(), [SessionCaller(), TokenCaller()]
    assert here.call("POST", "password/", CHANGE).status_code in (200, 204)
    assert (others[0].me().status_code, others[1].refresh().status_code) == (401, 401)  # type: ignore[attr-defined]
    assert active() == 1
    assert AuthEvent.objects.filter(kind="ended", reason="password", actor="alice").count() == 2
    assert AuthEvent.objects.filter(kind="password", actor="alice", scheme=caller.prefix[:-1]).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("caller", "last"), [(SessionCaller, "session_data"), (TokenCaller, "current_jti")])
def test_a_change_whose_last_statement_fails_changes_nothing(
    alice: User, store: str, settings: Any, caller: Any, last: str
) -> None:
    settings.TOKEN_CHECK = "database"
    here, there = caller(), caller()

    def spoil(execute: Any, sql: str, params: Any, *more: Any) -> Any:
        if sql.startswith("UPDATE") and last in sql:
            sql, params = "UPDATE accounts_user SET username = NULL", None
        return execute(sql, params, *more)

    here.client.raise_request_exception = False
    with connection.execute_wrapper(spoil):
        assert here.call("POST", "password/", CHANGE).status_code == 500
    assert [each.me().status_code for each in (here, there, caller())] == [200, 200, 200]


@pytest.mark.django_db
def test_this_device_goes_on_under_a_new_key(alice: User) -> None:
    browser, phone = SessionCaller(), TokenCaller()
    stolen = key_of(browser)
    browser.call("POST", "password/", CHANGE)
    assert key_of(browser) != stolen
    assert browser.me().status_code == 200
    browser.client.cookies["sessionid"] = stolen
    assert browser.me().status_code == 401
    phone = TokenCaller("alice", NEW)
    stolen = phone.refresh_token
    phone.call("POST", "password/", {"old_password": NEW, "new_password": f"{NEW}, again"})
    assert phone.post_refresh(stolen).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    "upsert",
    [
        lambda user: User.objects.bulk_create(
            [user], update_conflicts=True, unique_fields=["id"], update_fields=["password"]
        ),
        lambda user: User.objects.bulk_create([user], None, False, True, ["password"], ["id"]),
        lambda user: User.objects.bulk_create([user], None, False, True, ["is_active"], ["id"]),
    ],
)
def test_an_upsert_of_what_logins_hang_on_is_refused(alice: User, upsert: Any) -> None:
    with pytest.raises(ValueError, match="bulk_update"):
        upsert(alice)


@pytest.mark.django_db
def test_reactivating_revives_none(alice: User) -> None:
    callers = [SessionCaller(), TokenCaller()]
    for is_active in (False, True):
        user = alices().get()
        user.is_active = is_active
        user.save()
    assert (callers[0].me().status_code, callers[1].refresh().status_code) == (401, 401)  # type: ignore[attr-defined]
    assert active() == 0


@pytest.mark.django_db(transaction=True)
def test_of_logins_with_the_old_password_none_outlives_the_change(alice: User, settings: Any) -> None:
    """Whichever comes first: a login refused, or a login ended."""
    here = SessionCaller()

    def act(which: int) -> None:
        if which == 0:
            assert here.call("POST", "password/", CHANGE).status_code == 204
        else:
            CALLERS[which % 2]()

    in_threads(settings.LOGIN_LIMIT, act)  # of more at once, the change itself might be the one too many
    assert active() == 1
    assert here.me().status_code == 200
