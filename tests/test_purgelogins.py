"""`purgelogins` deletes what ended, idled out or expired longer ago than the retention, and nothing else."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins.management.commands import purgelogins
from authcompare.logins.models import Login, Reason
from sessions_demo.models import Session
from tokens_demo.models import TokenFamily

KINDS = [Session, TokenFamily]


def make(kind: type[Login], user: User, number: int = 1, **changes: Any) -> list[Any]:
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


def test_it_goes_in_batches_says_how_far_it_is_and_can_be_stopped(alice: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(purgelogins, "BATCH", 10)
    make(Session, alice, 25, ended_at=timezone.now() - timedelta(days=29))
    batches = purgelogins.Command.batches(Session, timezone.now() - timedelta(days=28))
    Session.objects.filter(pk__in=next(batches)).delete()  # stopped after one
    assert Session.objects.count() == 15
    said = io.StringIO()
    with CaptureQueriesContext(connection) as captured:
        call_command("purgelogins", stdout=said)
    assert Session.objects.count() == 0
    assert "sessions: 10 so far\nsessions: 15 so far\nsessions: 15 deleted" in said.getvalue()
    batches = [query for query in captured if query["sql"].startswith('DELETE FROM "sessions_demo_session"')]
    assert len(batches) == 3  # two of logins, one of anonymous sessions
