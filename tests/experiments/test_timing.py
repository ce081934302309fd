"""The order of measuring, without any server."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from authcompare.experiments.claim import Shot
from authcompare.experiments.costs.noise import Moment, Noise, flagged
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.timing import (
    REQUESTS,
    Measured,
    Plan,
    Visited,
    Warm,
    block,
    measure_launch,
    visit,
    warm_up,
)
from tests.experiments.pretended import FakeConnection

PLAN = Plan(launches=1, blocks=3, warm_requests=40, warm_seconds=5.0, budget_seconds=0)


def shots(*names: str, log: list[str]) -> dict[str, Shot]:
    made: dict[str, Any] = {name: FakeConnection(name, log) for name in names}
    return {name: Shot(connection, lambda: b"GET") for name, connection in made.items()}


def test_a_block_visits_every_arm_twice_in_mirrored_order() -> None:
    log: list[str] = []
    block(shots("a", "b", "c", log=log), random.Random(1))
    visits = log[::REQUESTS]
    assert len(log) == 6 * REQUESTS
    assert visits == visits[::-1]
    assert set(visits[:3]) == {"a", "b", "c"}


def test_the_order_is_random_and_comes_from_the_seed() -> None:
    orders = set()
    for seed in range(20):
        log: list[str] = []
        block(shots("a", "b", "c", log=log), random.Random(seed))
        orders.add(tuple(log))
    assert len(orders) == 6


def test_a_wrong_answer_while_timing_stops_it() -> None:
    connection: Any = FakeConnection("a", status=500)
    with pytest.raises(Broken, match="500 instead of 200"):
        visit(Shot(connection, lambda: b"GET"))


def test_a_refusal_may_be_what_is_timed() -> None:
    connection: Any = FakeConnection("a", status=401)
    assert visit(Shot(connection, lambda: b"GET", status=401)).ms >= 0


def test_processor_time_is_that_of_all_requests_of_the_visit() -> None:
    connection: Any = FakeConnection("a")
    readings = iter([(1.0, 0.5), (1.02, 0.5)])
    seen = visit(Shot(connection, lambda: b"GET", cpu=lambda: next(readings)))
    assert seen.cpu == pytest.approx((20 / REQUESTS, 0.0))


def test_an_interrupted_block_leaves_nothing_behind() -> None:
    log: list[str] = []
    arms, into = shots("a", "b", log=log), Measured()
    left = iter([b"GET"] * REQUESTS * 5)

    def interrupted() -> bytes:
        try:
            return next(left)
        except StopIteration:
            raise KeyboardInterrupt from None

    arms["b"] = Shot(arms["b"].connection, interrupted)
    with pytest.raises(KeyboardInterrupt):
        measure_launch(arms, 0, PLAN, random.Random(1), into)
    assert {name: len(values) for name, values in into.samples.items()} == {"a": 2, "b": 2}
    assert (len(into.noises), into.launches) == (2, 1)


def test_warming_up_ends_when_the_base_repeats_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = iter([2.0, 1.5, 1.2, 1.1, 1.02, 1.01, 1.0])
    monkeypatch.setattr("authcompare.experiments.timing.block", lambda *_: {"a": Visited(next(rounds), ())})
    unhurried = replace(PLAN, warm_seconds=60)
    assert warm_up({}, ["a"], unhurried, random.Random(1)) == Warm(7 * 2 * REQUESTS, steady=True)


def test_warming_up_ends_when_its_time_is_over_and_that_is_told() -> None:
    log: list[str] = []
    hurried = replace(PLAN, warm_requests=10**9, warm_seconds=0.05)
    late = warm_up(shots("a", log=log), ["a"], hurried, random.Random(1))
    assert late == Warm(len(log), steady=False)
    told = Measured(warmed=[late, Warm(10**9, steady=True)]).warm
    assert f"asked {len(log)} times or more. In 1 of 2 launches it ended as the open views repeated" in told


def test_what_made_the_canary_slow_after_a_block_flags_it(monkeypatch: pytest.MonkeyPatch) -> None:
    canaries = iter([5.0, 5.0, 5.0, 5.0, 5.0, 5.8])
    monkeypatch.setattr("authcompare.experiments.timing.canary_ms", lambda: next(canaries))
    into = Measured()
    measure_launch(shots("a", log=[]), 0, PLAN, random.Random(1), into)
    assert [noise.canary_ms for noise in into.noises] == [5.0, 5.0, 5.8]


def test_blocks_are_flagged_by_steal_and_by_the_canary() -> None:
    quiet = [Noise(0, number, 5.0, 0.0, 0, 0) for number in range(5)]
    loud = [Noise(1, 0, 5.0, 0.06, 0, 0), Noise(1, 1, 5.6, 0.0, 0, 0), Noise(1, 2, 5.0, 0.0, 0, 100)]
    assert flagged([*quiet, *loud]) == {(1, 0), (1, 1), (1, 2)}
    assert flagged([]) == set()


def test_counters_that_the_kernel_does_not_keep_are_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(path: Path) -> str:
        raise OSError(path)

    monkeypatch.setattr(Path, "read_text", unreadable)
    assert replace(Moment.now(), client_seconds=0.0) == Moment(0, 0, 0, 0, 0, 0.0)
