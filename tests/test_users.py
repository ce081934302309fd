"""Whatever changes a password or takes an account away ends its logins; a stronger hash does not."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.test import Client

from authcompare.accounts.models import User
from authcompare.logins import credentials
from authcompare.logins.models import Login, Reason, end_logins_of
from authcompare.logins.trail import AppendOnly, AuthEvent
from authcompare.logins.users import SnapshotError, Superseded
from sessions_demo.models import Session
from tests.callers import SessionCaller, TokenCaller
from tests.conftest import PASSWORD
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db


def active() -> int:
    return sum(kind._default_manager.active().count() for kind in Login.kinds())


@pytest.fixture
def both(alice: User) -> tuple[SessionCaller, TokenCaller]:
    return SessionCaller(), TokenCaller()


def bulk(user: User) -> None:
    user.password = "x"
    User.objects.bulk_update([user], ["password"])


def by_command(user: User, monkeypatch: Any) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: "a new password, quite long")
    call_command("changepassword", "alice", verbosity=0)


@pytest.mark.parametrize(
    "change",
    [
        lambda user: (user.set_password("x"), user.save()),
        lambda user: (user.set_password("x"), user.save(update_fields=["password"])),
        lambda user: (user.set_unusable_password(), user.save()),
        lambda user: (setattr(user, "password", make_password("x")), user.save()),
        lambda user: User.objects.filter(pk=user.pk).update(password="x"),
        bulk,
        lambda user: (setattr(user, "is_active", False), user.save()),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: user.delete(),
        lambda user: User.objects.filter(pk=user.pk).delete(),
        lambda user: (
            setattr(only := User.objects.only("username").get(pk=user.pk), "password", "x"),
            only.save(),
        ),
    ],
)
def test_every_way_ends_both_kinds(both: Any, alice: User, change: Any) -> None:
    assert active() == 2
    change(User.objects.get(pk=alice.pk))
    assert active() == 0
    assert AuthEvent.objects.filter(kind="ended").count() == 2
    assert both[0].me().status_code == 401
    assert both[1].refresh().status_code == 401


def test_changepassword_ends_both_kinds(both: Any, alice: User, monkeypatch: Any) -> None:
    by_command(alice, monkeypatch)
    assert active() == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda user: user.save(),
        lambda user: (setattr(user, "email", "a@b.test"), user.save()),
        lambda user: User.objects.update(first_name="A", is_active=True),
        lambda user: (setattr(user, "is_active", True), user.save()),
        lambda user: (user.refresh_from_db(), user.save()),
        lambda user: user.check_password(PASSWORD),
        lambda user: (only := User.objects.only("username").get(pk=user.pk), only.save()),
    ],
)
def test_what_changes_neither_ends_nothing(both: Any, alice: User, change: Any) -> None:
    change(User.objects.get(pk=alice.pk))
    assert active() == 2


def test_a_hasher_upgrade_is_no_change_on_any_device(both: Any, alice: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    SessionCaller()
    assert User.objects.get().password.startswith("scrypt$")
    assert both[0].me().status_code == 200
    assert both[1].refresh().status_code == 200


def test_reading_again_before_saving_is_no_change(both: Any, alice: User) -> None:
    first = User.objects.get()
    first.set_password("x")
    first.save()
    again = SessionCaller("alice", "x")
    first.email = "later@example.test"
    first.save()
    assert again.me().status_code == 200


def test_a_login_that_races_a_password_change_is_refused(alice: User) -> None:
    """Forced: the password is checked, then changed, then the login is written."""
    checked = User.objects.get()
    alice.set_password("new")
    alice.save()
    with pytest.raises(credentials.Refused), credentials.admitted(checked):
        raise AssertionError("admitted")
    assert active() == 0


def test_a_login_that_races_a_deactivation_is_refused(alice: User) -> None:
    checked = User.objects.get()
    User.objects.update(is_active=False)
    with pytest.raises(credentials.Refused), credentials.admitted(checked):
        raise AssertionError("admitted")


def test_a_password_change_that_lost_a_race_changes_nothing(both: Any, alice: User) -> None:
    stale = User.objects.get()
    User.objects.get().change_password(make_password("first"), keep=TokenFamily.objects.get())
    with pytest.raises(Superseded):
        stale.change_password(make_password("second"), keep=Session.objects.get())
    assert User.objects.get().check_password("first")


def test_a_snapshot_refuses_to_be_saved_and_loads_what_it_does_not_know(alice: User) -> None:
    snapshot = User.snapshot(alice.pk, {"is_staff": False, "username": "alice", "is_active": True})
    assert (snapshot.pk, snapshot.username, snapshot.is_superuser) == (alice.pk, "alice", False)
    with pytest.raises(SnapshotError):
        snapshot.save()


def test_the_trail_refuses_to_be_changed(both: Any, alice: User) -> None:
    event = AuthEvent.objects.first()
    assert event is not None
    for change in (event.save, event.delete, AuthEvent.objects.all().delete, AuthEvent.objects.update):
        with pytest.raises(AppendOnly):
            change()


def test_the_trail_says_who_ended_whose_login_and_why(both: Any, alice: User, admin_user: User) -> None:
    end_logins_of([alice.pk], Reason.ADMIN, by=admin_user)
    alice.delete()
    events = AuthEvent.objects.filter(reason=Reason.ADMIN)
    assert {(event.username, event.actor, event.scheme) for event in events} == {
        ("alice", "admin", "session"),
        ("alice", "admin", "token"),
    }


def test_a_log_line_cannot_be_forged_by_a_user_name(
    db: None, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), caplog.at_level("INFO", "authcompare.trail"):
        AuthEvent(kind="login_failed", username="eve\nkind='login' username='admin'").save()
    assert caplog.messages
    assert all("\n" not in message for message in caplog.messages)


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_budget_is_reserved_before_the_hasher_runs(
    alice: User, settings: Any, monkeypatch: Any, username: str
) -> None:
    ran: list[str] = []
    genuine = credentials.auth.authenticate
    monkeypatch.setattr(
        credentials.auth, "authenticate", lambda *a, **k: ran.append("hasher") or genuine(*a, **k)
    )
    for _ in range(9):
        TokenCaller(username, "wrong")
    assert len(ran) == settings.LOGIN_LIMIT


def test_the_trail_says_once_that_somebody_is_locked_out(alice: User, settings: Any) -> None:
    for _ in range(settings.LOGIN_LIMIT + 3):
        TokenCaller("alice", "wrong")
    kinds = list(AuthEvent.objects.values_list("kind", flat=True))
    assert (kinds.count("login_failed"), kinds.count("locked")) == (settings.LOGIN_LIMIT, 1)


def test_all_doors_share_one_budget(alice: User) -> None:
    here = SessionCaller()
    for _ in range(2):
        TokenCaller("alice", "wrong")
        SessionCaller("ALICE", "wrong")
    here.call("POST", "password/", {"old_password": "wrong", "new_password": "another good one"})
    assert TokenCaller().login_answer.status_code == 429
    page = Client().post(
        "/sessions/login/", {"username": "alice", "password": PASSWORD}, headers={"Accept": "text/html"}
    )
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0


def test_the_budget_cannot_be_renewed_with_a_header(alice: User, proxied: None) -> None:
    for number in range(6):
        answer = Client().post(
            "/tokens/login/",
            {"username": "alice", "password": "wrong"},
            content_type="application/json",
            headers={"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.0.{number}"},
        )
    assert answer.status_code == 429


def test_a_stranger_elsewhere_does_not_lock_the_owner_out(alice: User) -> None:
    for _ in range(9):
        Client(REMOTE_ADDR="127.0.0.9").post(
            "/tokens/login/", {"username": "alice", "password": "wrong"}, content_type="application/json"
        )
    assert TokenCaller().login_answer.status_code == 200


def test_the_budget_is_whole_again_after_its_window_and_after_a_success(alice: User, clock: Any) -> None:
    for _ in range(4):
        TokenCaller("alice", "wrong")
    assert TokenCaller().login_answer.status_code == 200
    for _ in range(6):
        TokenCaller("alice", "wrong")
    assert TokenCaller().login_answer.status_code == 429
    clock.shift(15 * 60)
    assert TokenCaller().login_answer.status_code == 200


@pytest.mark.parametrize("password", [" leading", "trailing ", "pass\tword", "Pässwörd€🔑", "x" * 200])
def test_the_password_is_taken_exactly_as_received(db: None, password: str) -> None:
    User.objects.create_user("exact", password=password)
    assert TokenCaller("exact", password).login_answer.status_code == 200
    assert SessionCaller("exact", password).login_answer.status_code == 200
    if password != password.strip():
        assert TokenCaller("exact", password.strip()).login_answer.status_code == 401
