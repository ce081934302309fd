"""From lateness at a fixed rate to a verdict; a request without an answer is as late as can be."""

import math
import random

import pytest

from authcompare.experiments.claims import slow_requests
from authcompare.experiments.claims.slow_requests import (
    ASKED,
    OPEN,
    SLICES,
    Slice,
    SlowRequests,
    _at_a_fixed_rate,
)
from authcompare.experiments.deployments.deployment import Broken, Skipped
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.verdict import Kind
from tests.experiments.lookalikes import lookalike

Samples = dict[str, list[Slice]]


def samples(noise: float = 0.05, **middles: float) -> Samples:
    """Slices of 100 requests an arm, by scheme and store; slices differ as well."""
    source = random.Random(1)
    return {
        name: [_slice(source, middles.get(name.replace(", ", "_"), 1.0), noise) for _ in range(SLICES)]
        for name in ASKED
    }


def _slice(source: random.Random, middle: float, noise: float) -> Slice:
    lift = source.gauss(0, noise)
    return Slice(tuple(middle + lift + source.gauss(0, 0.05) for _ in range(100)))


@pytest.mark.parametrize(
    ("middles", "kind"),
    [
        ({"sessions_database": 3.0, "sessions_cached": 3.0}, Kind.HOLDS),
        ({}, Kind.REFUTED),
        ({"tokens_database": 3.0, "tokens_denylist": 3.0}, Kind.REFUTED),
        ({"sessions_database": 3.0}, Kind.DEPENDS),
        ({"sessions_database": 2.0, "sessions_cached": 2.0}, Kind.INCONCLUSIVE),
        ({"noise": 4.0}, Kind.INCONCLUSIVE),
    ],
)
def test_each_verdict_can_be_reached(middles: dict[str, float], kind: Kind) -> None:
    verdict = SlowRequests().judge(samples(**middles))
    assert verdict.kind is kind
    assert bool(verdict.rule) == (kind is Kind.DEPENDS)
    assert verdict.needs.endswith("slices of each arm, on a quiet machine") == (kind is Kind.INCONCLUSIVE)


def test_a_stall_of_the_machine_in_some_slices_turns_nothing() -> None:
    some = samples()
    stalled = [Slice((*one.ms[:-15], *[60.0] * 15)) for one in some["sessions, cached"][:4]]
    some["sessions, cached"][:4] = stalled
    verdict = SlowRequests().judge(some)
    assert verdict.kind is Kind.REFUTED
    assert "sessions, cached 60.0 and 60 ms" in verdict.doubts[-1]


def test_requests_without_an_answer_are_late_and_counted() -> None:
    some = samples()
    some[OPEN][0] = Slice((*[math.inf] * 4, *some[OPEN][0].ms[4:]))
    figures = {figure.name: figure for figure in SlowRequests().judge(some).figures}
    slowest = figures[f"{OPEN}: the slowest"]
    assert slowest.value < 2
    assert slowest.note == "4 took more than 10 times the median, 4 had no answer"
    some["tokens, none"][3] = Slice((math.inf,) * 100)
    assert SlowRequests().judge(some).because == (
        "tokens, none: more than one in twenty requests of a slice had no answer."
    )


def test_a_missing_arm_is_broken() -> None:
    some = samples()
    del some["tokens, none"]
    assert SlowRequests().judge(some).because == "Not measured: tokens, none."


def test_a_quick_run_has_no_time_for_it() -> None:
    with pytest.raises(Skipped, match="a full run has the time"):
        SlowRequests().arms(quick=True)
    assert len(SlowRequests().arms(quick=False)) == len(ASKED)


def test_the_rate_is_kept() -> None:
    with lookalike(200) as site:
        late = _at_a_fixed_rate(Connection(site.doors[0]), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", site)
    assert len(late.ms) == slow_requests.RATE * slow_requests.SLICE_SECONDS
    assert all(map(math.isfinite, late.ms))


def test_another_answer_is_broken_and_not_slow() -> None:
    with lookalike(401) as site, pytest.raises(Broken, match="At a steady rate, an answer was 401"):
        _at_a_fixed_rate(Connection(site.doors[0]), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", site)
