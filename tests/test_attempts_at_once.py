"""Attempts that come while others are being checked: only wrong passwords lock, the rest wait a second."""

from typing import Any

import pytest

from authcompare.accounts.models import User
from authcompare.logins.budget import WINDOW, GuessingBudget, Locked, missed, reserve
from authcompare.logins.hashing import Busy
from tests.callers import SessionCaller, TokenCaller
from tests.threads import in_threads


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
def test_of_thirty_parallel_logins_with_the_right_password_none_is_told_of_a_lock(
    alice: User, caller: Any
) -> None:
    answers = in_threads(30, lambda _: caller().login_answer)
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert {answer.headers.get("Retry-After", "1") for answer in answers} == {"1"}
    assert not GuessingBudget.objects.filter(used__gt=0).exists()
    assert caller().login_answer.status_code == 200


@pytest.mark.django_db
def test_who_finds_the_last_attempts_being_checked_waits_and_only_wrong_ones_lock(settings: Any) -> None:
    key = ("127.0.0.1 alice", settings.LOGIN_LIMIT)
    attempts = [reserve([key]) for _ in range(settings.LOGIN_LIMIT)]
    for attempt in attempts:
        with pytest.raises(Busy):
            reserve([key])
        assert missed(attempt) is (attempt is attempts[-1])
    with pytest.raises(Locked):
        reserve([key])


@pytest.mark.django_db
def test_a_new_window_forgets_what_was_wrong(settings: Any, clock: Any) -> None:
    key = ("127.0.0.1 alice", 1)
    settings.LOGIN_LIMIT = 1
    missed(reserve([key]))
    clock.shift(WINDOW.total_seconds())
    reserve([key])
    with pytest.raises(Busy):
        reserve([key])
