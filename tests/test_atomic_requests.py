"""With ATOMIC_REQUESTS a refusal rolls its request back, but not what the server has counted or ended."""

from typing import Any

import pytest
from django.db import connection
from django.urls import get_resolver

import sessions_demo.urls
import tokens_demo.urls
from authcompare.accounts.models import User
from authcompare.logins.admin.door import AdminLogin
from authcompare.logins.models import Reason
from authcompare.logins.trail import AuthEvent
from tests.callers import TokenCaller
from tests.test_guessing import DOORS
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


@pytest.mark.parametrize("door", DOORS)
def test_wrong_passwords_count_at_every_door(alice: User, settings: Any, door: str) -> None:
    caller, guess = DOORS[door]
    who = caller() if caller else None
    answers = [guess(who).status_code for _ in range(settings.LOGIN_LIMIT + 1)]
    assert (answers[-1], 429 in answers[:-1]) == (429, False)
    assert AuthEvent.objects.filter(kind="locked", username="alice").count() == 1


def test_a_token_used_before_ends_the_family(alice: User, clock: Any) -> None:
    caller = TokenCaller()
    stolen = caller.refresh_token
    for _ in range(2):
        caller.refresh()
        clock.shift(10)
    assert caller.post_refresh(stolen).status_code == 401
    assert TokenFamily.objects.get().ended_reason == Reason.REUSE
    assert AuthEvent.objects.filter(kind="reuse").count() == 1


@pytest.mark.parametrize("app", [sessions_demo, tokens_demo])
def test_no_view_where_one_logs_in_is_left_out(app: Any) -> None:
    views = [each.callback for each in get_resolver(app.urls).url_patterns] + [AdminLogin.as_view()]
    assert [view for view in views if "default" not in getattr(view, "_non_atomic_requests", ())] == []
