"""A login whose row somebody deletes ends by that, as by any other way."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins.models import RETENTION, Login
from authcompare.logins.trail import AuthEvent
from sessions_demo.models import Session
from tests.callers import SessionCaller, TokenCaller
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db
KINDS = [(SessionCaller, Session), (TokenCaller, TokenFamily)]
WAYS: dict[str, Callable[[Any], Any]] = {
    "one": lambda logins: logins.get().delete(),
    "all of a user": lambda logins: logins.filter(user__username="alice").delete(),
    "all that are active": lambda logins: logins.active().delete(),
}


@pytest.fixture(autouse=True)
def _believed(settings: Any) -> None:
    """What a request shows is believed without a look at its row."""
    settings.SESSION_STORE, settings.TOKEN_CHECK = "cached", "denylist"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("caller", "kind"), KINDS, ids=["session", "token"])
def test_it_is_refused_at_once_and_the_trail_says_so(
    alice: User, caller: Any, kind: type[Login], way: Callable[[Any], Any]
) -> None:
    who = caller()
    assert [who.me().status_code for _ in range(2)] == [200, 200]
    way(kind._default_manager)
    assert not kind._default_manager.exists()
    assert who.me().status_code == 401
    line = AuthEvent.objects.get(kind="ended", scheme=kind.scheme)
    assert (line.username, line.reason) == ("alice", "admin")


@pytest.mark.parametrize(("caller", "kind"), KINDS, ids=["session", "token"])
def test_what_is_over_goes_without_a_word(alice: User, caller: Any, kind: type[Login]) -> None:
    caller()
    past = timezone.now() - 2 * RETENTION
    kind._default_manager.update(idle_until=past, expires_at=past)
    call_command("purgelogins", verbosity=0)
    assert not kind._default_manager.exists()
    assert not AuthEvent.objects.filter(kind="ended").exists()


@pytest.mark.parametrize("kind", [Session, TokenFamily, User])
def test_all_are_deleted_only_where_that_is_spelled_out(kind: Any) -> None:
    """As with Django's own managers, which do not pass delete() on."""
    assert not hasattr(kind.objects, "delete")
