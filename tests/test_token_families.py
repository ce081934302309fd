"""Refresh: at most one rotation per grace, one lineage whatever the tabs do, theft ends the family."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins import marks
from authcompare.logins.models import Reason
from authcompare.logins.trail import AuthEvent
from tests.callers import TokenCaller
from tests.conftest import PASSWORD
from tests.forging import parts
from tokens_demo.authentication import SENTINEL
from tokens_demo.models import Presented, TokenFamily

GRACE = 10


@pytest.fixture
def caller(alice: User, clock: Any) -> TokenCaller:
    return TokenCaller()


def jti(token: str) -> str:
    return str(parts(token)[1]["jti"])


def test_the_first_refresh_after_login_rotates(caller: TokenCaller) -> None:
    first = caller.refresh_token
    assert caller.refresh().status_code == 200
    assert jti(caller.refresh_token) != jti(first)


def test_the_current_token_within_the_grace_is_made_again_not_rotated(
    caller: TokenCaller, clock: Any
) -> None:
    caller.refresh()
    current = caller.refresh_token
    clock.shift(GRACE - 1)
    caller.refresh()
    assert parts(caller.refresh_token)[1] == parts(current)[1]
    clock.shift(1)
    caller.refresh()
    assert jti(caller.refresh_token) != jti(current)


def test_the_predecessor_within_the_grace_gets_the_same_successor(caller: TokenCaller, clock: Any) -> None:
    before = caller.refresh_token
    caller.refresh()
    successor = caller.refresh_token
    clock.shift(GRACE - 1)
    again = caller.post_refresh(before)
    assert parts(again.json()["refresh"])[1] == parts(successor)[1]
    assert TokenFamily.objects.active().exists()


@pytest.mark.parametrize("generations", [1, 2])
def test_a_token_used_before_ends_the_family_and_is_written_down(
    caller: TokenCaller, clock: Any, generations: int
) -> None:
    stolen = caller.refresh_token
    for _ in range(generations):
        caller.refresh()
        clock.shift(GRACE)
    assert caller.post_refresh(stolen).status_code == 401
    assert caller.refresh().status_code == 401
    assert TokenFamily.objects.get().ended_reason == Reason.REUSE
    assert AuthEvent.objects.filter(kind="reuse").count() == 1


def test_a_grandparent_within_the_grace_is_theft_all_the_same(caller: TokenCaller, clock: Any) -> None:
    grandparent = caller.refresh_token
    caller.refresh()
    clock.shift(GRACE)
    caller.refresh()
    assert caller.post_refresh(grandparent).status_code == 401
    assert not TokenFamily.objects.active().exists()


def test_idle_expiry_is_per_refresh_and_absolute_expiry_never_slides(
    caller: TokenCaller, clock: Any, settings: Any
) -> None:
    settings.TOKEN_IDLE_SECONDS = 5 * 24 * 3600
    end = TokenFamily.objects.get().expires_at
    for _ in range(6):
        clock.shift(2 * 3600 - 1 if _ == 0 else 2 * 24 * 3600)
        assert caller.refresh().status_code == 200
        assert TokenFamily.objects.get().expires_at == end
        assert parts(caller.refresh_token)[1]["exp"] <= end.timestamp()
    clock.shift(4 * 24 * 3600)
    assert caller.refresh().status_code == 401


def test_an_idle_family_is_refused_to_the_second(caller: TokenCaller, clock: Any) -> None:
    clock.shift(2 * 3600 - 1)
    assert caller.refresh().status_code == 200
    clock.shift(2 * 3600)
    assert caller.refresh().status_code == 401


def test_access_token_expires_to_the_second(caller: TokenCaller, clock: Any) -> None:
    clock.shift(299)
    assert caller.me().status_code == 200
    clock.shift(1)
    assert caller.me().status_code == 401


def test_logout_ends_by_sid_whatever_the_jti(caller: TokenCaller, clock: Any) -> None:
    first = caller.refresh_token
    caller.refresh()
    clock.shift(GRACE)
    caller.client.post("/tokens/logout/", {"refresh": first}, content_type="application/json")
    assert TokenFamily.objects.get().ended_reason == Reason.LOGOUT
    assert caller.refresh().status_code == 401


@pytest.mark.parametrize("check", ["none", "denylist", "database"])
@pytest.mark.parametrize("end", ["delete", "deactivate"])
def test_refresh_for_a_user_who_is_gone_is_401(
    caller: TokenCaller, alice: User, settings: Any, check: str, end: str
) -> None:
    settings.TOKEN_CHECK = check
    alice.delete() if end == "delete" else User.objects.update(is_active=False)
    assert caller.refresh().status_code == 401


def test_none_keeps_the_access_token_to_its_end_and_kills_the_refresh_token_at_once(
    caller: TokenCaller, clock: Any
) -> None:
    TokenFamily.objects.all().end(Reason.ADMIN)
    assert caller.refresh().status_code == 401
    clock.shift(299)
    assert caller.me().status_code == 200
    clock.shift(1)
    assert caller.me().status_code == 401


@pytest.mark.django_db(transaction=True)
def test_a_write_for_a_user_who_is_gone_is_401(alice: User) -> None:
    caller = TokenCaller()
    alice.delete()
    assert caller.call("POST", "notes/", {"text": "from beyond"}).status_code == 401


@pytest.mark.parametrize(("check", "number"), [("none", 0), ("denylist", 0), ("database", 1)])
def test_queries_of_an_authenticated_request(
    alice: User, settings: Any, queries: Any, check: str, number: int
) -> None:
    settings.TOKEN_CHECK = check
    caller = TokenCaller()
    caller.me()
    with queries(number):
        assert caller.me().status_code == 200


def test_an_emptied_redis_is_filled_again_before_it_is_believed(alice: User, settings: Any) -> None:
    settings.TOKEN_CHECK = "denylist"
    ended, alive = TokenCaller(), TokenCaller()
    assert alive.me().status_code == 200
    ended.log_out()
    marks.redis().flushdb()
    assert alive.me().status_code == 200
    assert marks.redis().get(SENTINEL)
    assert ended.me().status_code == 401


def test_with_redis_away_the_database_is_asked(alice: User, settings: Any, monkeypatch: Any) -> None:
    settings.TOKEN_CHECK = "denylist"
    ended, alive = TokenCaller(), TokenCaller()
    monkeypatch.setattr(marks, "read", lambda *keys: None)
    ended.log_out()
    assert (ended.me().status_code, alive.me().status_code) == (401, 200)


@pytest.mark.parametrize(
    ("offset", "which", "expected"),
    [
        (None, "current", Presented.CURRENT),
        (0, "current", Presented.YOUNG),
        (GRACE - 0.001, "current", Presented.YOUNG),
        (GRACE, "current", Presented.CURRENT),
        (GRACE - 0.001, "previous", Presented.PREDECESSOR),
        (GRACE, "previous", Presented.OLD),
        (0, "unknown", Presented.OLD),
    ],
)
def test_judging_a_presented_token(offset: float | None, which: str, expected: Presented) -> None:
    now = timezone.now()
    family = TokenFamily(**TokenFamily.beginning(now), previous_jti=uuid4())
    family.rotated_at = None if offset is None else now - timedelta(seconds=offset)
    shown = {"current": family.current_jti, "previous": family.previous_jti, "unknown": uuid4()}[which]
    assert family.judge(shown, now) is expected
    family.ended_at = now
    assert family.judge(shown, now) is Presented.DEAD


@pytest.mark.parametrize("check", ["denylist", "database"])
def test_an_access_token_from_before_a_password_change_dies_even_in_the_family_that_stays(
    caller: TokenCaller, clock: Any, settings: Any, check: str
) -> None:
    settings.TOKEN_CHECK = check
    assert caller.me().status_code == 200
    clock.shift(2)
    body = {"old_password": PASSWORD, "new_password": "a new password, quite long"}
    renewed = caller.call("POST", "password/", body).json()
    assert caller.me().status_code == 401
    caller.access = renewed["access"]
    assert caller.me().status_code == 200


def test_parallel_reuse_is_written_down_once(caller: TokenCaller) -> None:
    family = TokenFamily.objects.get()
    family.reused()
    family.reused()
    assert AuthEvent.objects.filter(kind="reuse").count() == 1


def test_lifetimes_told_end_with_the_family(alice: User, clock: Any, settings: Any) -> None:
    settings.TOKEN_ABSOLUTE_SECONDS = settings.TOKEN_IDLE_SECONDS = 320
    caller = TokenCaller()
    clock.shift(280)
    answer = caller.refresh().json()
    assert (answer["expires_in"], answer["refresh_expires_in"]) == (40, 40)


def test_a_browser_that_logs_in_again_has_one_login(alice: User) -> None:
    client = Client()
    body = {"username": "alice", "password": PASSWORD, "transport": "cookie"}
    for _ in range(3):
        assert client.post("/tokens/login/", body, content_type="application/json").status_code == 200
    assert TokenFamily.objects.active().count() == 1
    assert TokenFamily.objects.filter(ended_reason=Reason.REPLACED).count() == 2
