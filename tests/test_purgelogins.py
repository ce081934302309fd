"""`purgelogins` deletes what ended, idled out or expired longer ago than the retention, and nothing else."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins import batches
from authcompare.logins.budget import GuessingBudget
from authcompare.logins.models import Login, Reason
from sessions_demo.models import Session
from tokens_demo.models import TokenFamily

KINDS = [Session, TokenFamily]


def make(kind: type[Login], user: User | None, number: int = 1, **changes: Any) -> list[Any]:
    times = {**kind.beginning(timezone.now()), **changes}
    extra = [{"key_hash": f"{index}{timezone.now()}"} if kind is Session else {} for index in range(number)]
    return kind._default_manager.bulk_create(kind(user=user, **times, **more) for more in extra)


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_past_the_retention_goes(alice: User, kind: type[Login]) -> None:
    now = timezone.now()
    recent, long_ago = now - timedelta(days=27), now - timedelta(days=29)
    kept = [
        *make(kind, alice),
        *make(kind, alice, ended_at=recent, ended_reason=Reason.LOGOUT),
        *make(kind, alice, idle_until=recent),
        *make(kind, alice, idle_until=recent, expires_at=recent),
    ]
    make(kind, alice, ended_at=long_ago, ended_reason=Reason.LOGOUT)
    make(kind, alice, idle_until=long_ago)
    make(kind, alice, idle_until=long_ago, expires_at=long_ago)
    call_command("purgelogins", stdout=io.StringIO())
    assert set(kind._default_manager.values_list("pk", flat=True)) == {login.pk for login in kept}
    call_command("purgelogins", days=1, stdout=io.StringIO())
    assert list(kind._default_manager.values_list("pk", flat=True)) == [kept[0].pk]


def deletes(captured: CaptureQueriesContext, model: type[Model]) -> int:
    table = model._meta.db_table
    return len([one for one in captured if one["sql"].split()[:3] == ["DELETE", "FROM", f'"{table}"']])


@pytest.fixture
def by_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 10)


def test_it_goes_in_batches_says_how_far_it_is_and_can_be_stopped(alice: User, by_ten: None) -> None:
    make(Session, alice, 25, ended_at=timezone.now() - timedelta(days=29))
    Session.objects.filter(pk__in=next(batches.batches(Session.objects.all()))).delete()  # stopped after one
    assert Session.objects.count() == 15
    said = io.StringIO()
    with CaptureQueriesContext(connection) as captured:
        call_command("purgelogins", stdout=said)
    assert Session.objects.count() == 0
    assert "sessions: 10 so far\nsessions: 15 so far\nsessions: 15 deleted" in said.getvalue()
    assert deletes(captured, Session) == 2


def test_anonymous_sessions_and_budgets_go_in_batches_too(alice: User, by_ten: None) -> None:
    past, later = timezone.now() - timedelta(seconds=1), timezone.now() + timedelta(minutes=1)
    make(Session, None, 25, idle_until=past)
    GuessingBudget.objects.bulk_create(GuessingBudget(key=f"{n}", used=1, until=past) for n in range(25))
    kept = [*make(Session, None), *make(Session, alice, idle_until=past)]
    GuessingBudget.objects.create(key="kept", used=1, until=later)
    with CaptureQueriesContext(connection) as captured:
        call_command("purgelogins", stdout=io.StringIO())
    assert (deletes(captured, Session), deletes(captured, GuessingBudget)) == (3, 3)
    assert set(Session.objects.values_list("pk", flat=True)) == {session.pk for session in kept}
    assert GuessingBudget.objects.get().key == "kept"


def test_a_budget_that_is_used_again_meanwhile_stays(db: None) -> None:
    """Deleted, it would give an attempt back."""
    now = timezone.now()
    GuessingBudget.objects.bulk_create(GuessingBudget(key=key, used=1, until=now) for key in "ab")

    def meanwhile(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith("DELETE"):
            GuessingBudget.objects.filter(key="b").update(until=now + timedelta(minutes=15))
        return execute(sql, *more)

    with connection.execute_wrapper(meanwhile):
        call_command("purgelogins", stdout=io.StringIO())
    assert GuessingBudget.objects.get().key == "b"
