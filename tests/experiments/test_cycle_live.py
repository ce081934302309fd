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
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycle, "LAUNCHES", 2)  # logins that all wait for one processor outlast the idle limit
    claim = Cycle()
    arms = [arm for arm in claim.arms(quick=False) if arm.name == "looked up in Redis"]
    found = visited(fleet, claim, arms)["looked up in Redis"]
    token, session = Costs.of(found, "token"), Costs.of(found, "session")
    assert token.counted[LOGIN].hashing > 20
    assert token.step(LOGIN).value > token.step(REQUEST).value * 10
    assert (token.counted[REQUEST].sql, token.counted[REQUEST].redis) == (0, 1)
    assert (token.counted[TOUCH].writes, session.counted[TOUCH].writes) == (0, 1)
    assert (token.counted[RENEWAL].requests, token.counted[RENEWAL].writes) == (2, 2)
    assert session.counted[REQUEST].bytes > 1000
    assert session.step(LOGOUT).n == cycle.LAUNCHES


def test_a_millisecond_in_one_authenticator_turns_the_verdict(
    faulty: Callable[[str], Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LAUNCHES", "ROUNDS"):
        monkeypatch.setattr(cycle, name, 2)
    arms = [arm for arm in Cycle().arms(quick=False) if arm.name == PAIR]
    steps_found = visited(faulty("slow_tokens"), Cycle(), arms)[PAIR]
    token, session = (Costs.of(steps_found, scheme).step(REQUEST).value for scheme in ("token", "session"))
    assert token - session > 0.5
    kinds = [Cycle().judge(samples(1.0, 1.0 + late)).kind for late in (0.0, token - session)]
    assert kinds == [Kind.DEPENDS, Kind.REFUTED]
