"""The steps of a visit, counted and timed on live servers; a planted fault turns what they come to."""

from collections.abc import Callable

import pytest

from authcompare.experiments.claims import cycle
from authcompare.experiments.claims.cycle import Cycle
from authcompare.experiments.costs.visits import LOGIN, LOGOUT, RENEWAL, REQUEST, TOUCH, Costs
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind
from tests.experiments.test_cycle import PAIR, samples
from tests.experiments.visiting import visited


def test_steps_are_counted_on_a_live_server_with_the_real_hasher(
    faulty: Callable[[str], Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycle, "LAUNCHES", 2)  # logins that all wait for one processor outlast the idle limit
    claim = Cycle()
    arms = [arm for arm in claim.arms(quick=False) if arm.name == "looked up in Redis"]
    patient = faulty("waits_for_redis")  # after one late answer the database is asked
    found = visited(patient, claim, arms)["looked up in Redis"]
    token, session = Costs.of(found, "token"), Costs.of(found, "session")
    assert token.counted[LOGIN].hashing > 20
    assert token.step(LOGIN).value > token.step(REQUEST).value * 10
    assert (token.counted[REQUEST].sql, token.counted[REQUEST].redis) == (0, 1)
    assert (token.counted[TOUCH].writes, session.counted[TOUCH].writes) == (0, 1)
    assert (token.counted[RENEWAL].requests, token.counted[RENEWAL].writes) == (2, 2)
    assert session.counted[REQUEST].bytes > 1000
    assert session.step(LOGOUT).n == cycle.LAUNCHES


def test_what_is_later_in_one_authenticator_turns_the_verdict(
    faulty: Callable[[str], Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycle, "LAUNCHES", 3)
    monkeypatch.setattr(cycle, "ROUNDS", 2)
    arms = [arm for arm in Cycle().arms(quick=False) if arm.name == PAIR]
    plain = {**samples(1.0, 2.0, renewal=9.0), PAIR: samples(1.0, 1.0)[PAIR]}
    found = visited(faulty("slow_tokens"), Cycle(), arms)
    assert [Cycle().judge(some).kind for some in (plain, {**plain, **found})] == [Kind.DEPENDS, Kind.REFUTED]
