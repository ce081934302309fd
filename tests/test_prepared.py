"""A prepared SELECT gives what its queryset gives, field by field, in one statement."""

import sys
import uuid
from typing import Any

import pytest
from django.db import connection, connections, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authcompare.logins.models import Reason
from authcompare.logins.prepared import Given, Prepared
from sessions_demo.models import Session
from sessions_demo.store import LIVE as LIVE_SESSIONS
from tests.callers import SessionCaller, TokenCaller
from tests.people import User
from tests.threads import in_threads
from tokens_demo.authentication import LIVE as LIVE_FAMILIES
from tokens_demo.authentication import PK
from tokens_demo.models import TokenFamily

pytestmark = pytest.mark.django_db


def values(instance: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


def found(login: Any) -> Any:
    by = {"key_hash": login.key_hash} if isinstance(login, Session) else {"pk": login.pk}
    live: Any = LIVE_SESSIONS if isinstance(login, Session) else LIVE_FAMILIES
    return live.first(now=timezone.now(), **by)


@pytest.fixture(params=[(SessionCaller, Session), (TokenCaller, TokenFamily)], ids=["session", "family"])
def login(request: pytest.FixtureRequest, alice: User) -> Any:
    caller, kind = request.param
    caller()
    return kind.objects.select_related("user").get()


def test_it_gives_the_same_values_as_the_queryset_of_the_login_and_of_its_user(login: Any) -> None:
    assert found(login) == login
    assert values(found(login)) == values(login)
    assert values(found(login).user) == values(login.user)


def test_the_login_and_its_user_come_in_one_statement(login: Any) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert found(login).user.username == "alice"
    assert len(asked) == 1


def test_what_it_gives_can_be_saved_and_ends_logins_as_always(login: Any) -> None:
    user = found(login).user
    user.set_password("another password")
    user.save()
    assert type(login).objects.get().ended_reason == Reason.PASSWORD


@pytest.mark.parametrize("over", ["idle_until", "expires_at", "ended_at"])
def test_what_is_over_is_not_found(login: Any, over: str) -> None:
    type(login).objects.update(**{over: timezone.now()})
    assert found(login) is None


def test_a_session_without_a_user_has_none(alice: User) -> None:
    now = timezone.now()
    Session.objects.create(key_hash="of nobody", session_data="", **Session.beginning(now))
    anonymous = LIVE_SESSIONS.first(key_hash="of nobody", now=now)
    assert anonymous is not None
    assert anonymous.user is None


def test_a_given_value_is_bound_and_never_written_into_the_statement(alice: User) -> None:
    by_name = Prepared(TokenFamily.objects.filter(device=Given("device", models.CharField())), "user")
    assert by_name.first(device="' OR 1=1 --") is None
    assert LIVE_FAMILIES.first(pk=uuid.uuid4(), now=timezone.now()) is None


def test_first_requests_that_come_together_get_the_same_statement(alice: User) -> None:
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(30):
            fresh = Prepared(TokenFamily.objects.filter(pk=PK), "user")
            written = in_threads(6, lambda _, fresh=fresh: fresh._write(connections["default"])[0])  # type: ignore[misc]
            assert len(set(written)) == 1
            assert written[0].count("JOIN") == 1
    finally:
        sys.setswitchinterval(switching)
