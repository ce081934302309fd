"""From lateness at a fixed rate to a verdict; a request without an answer is as late as can be."""

import math
import random

import pytest

from authcompare.experiments.claims import slow_requests
from authcompare.experiments.claims.slow_requests import ASKED, OPEN, SlowRequests, _at_a_fixed_rate
from authcompare.experiments.deployments.deployment import Skipped
from authcompare.experiments.estimates import quantile
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.verdict import Kind
from tests.experiments.lookalikes import lookalike

Samples = dict[str, list[float]]


def samples(**middles: float) -> Samples:
    """2,000 requests an arm, by scheme and store."""
    source = random.Random(1)
    return {
        name: [middles.get(name.replace(", ", "_"), 1.0) + source.gauss(0, 0.05) for _ in range(2000)]
        for name in ASKED
    }


@pytest.mark.parametrize(
    ("middles", "kind"),
    [
        ({"sessions_database": 2.0, "sessions_cached": 2.0}, Kind.HOLDS),
        ({}, Kind.REFUTED),
        ({"tokens_database": 2.0, "tokens_denylist": 2.0}, Kind.REFUTED),
        ({"sessions_database": 2.0}, Kind.DEPENDS),
        ({"sessions_database": 1.2, "sessions_cached": 1.2}, Kind.INCONCLUSIVE),
    ],
)
def test_each_verdict_can_be_reached(middles: dict[str, float], kind: Kind) -> None:
    verdict = SlowRequests().judge(samples(**middles))
    assert verdict.kind is kind
    assert bool(verdict.rule) == (kind is Kind.DEPENDS)


def test_requests_without_an_answer_are_late_and_counted() -> None:
    some = samples()
    some[OPEN][:10] = [math.inf] * 10
    figures = {figure.name: figure for figure in SlowRequests().judge(some).figures}
    slowest = figures[f"{OPEN}: the slowest"]
    assert slowest.value < 2
    assert slowest.note == "10 took more than 10 times the median, 10 had no answer"
    some["tokens, none"] = [math.inf] * 2000
    assert (
        SlowRequests().judge(some).because == "tokens, none: more than one in twenty requests had no answer."
    )


def test_a_missing_arm_is_broken() -> None:
    some = samples()
    del some["tokens, none"]
    assert SlowRequests().judge(some).because == "Not measured: tokens, none."


def test_a_quick_run_has_no_time_for_it() -> None:
    with pytest.raises(Skipped, match="a full run has the time"):
        SlowRequests().arms(quick=True)
    assert len(SlowRequests().arms(quick=False)) == len(ASKED)


def test_the_rate_is_kept_and_a_refusal_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_requests, "SLICE_SECONDS", 0.1)
    monkeypatch.setattr(slow_requests, "RATE", 100)
    for status, finite in ((200, True), (401, False)):
        with lookalike(status) as site:
            late = _at_a_fixed_rate(Connection(site.doors[0]), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", site)
        assert len(late) == 10
        assert all(math.isfinite(ms) is finite for ms in late)


def test_a_quantile_lies_between_two_of_the_values() -> None:
    found = quantile([float(number) for number in range(1000)], 0.95)
    assert (found.value, found.low, found.high) == (950, 936, 964)
    assert quantile([1.0], 0.99).high == 1.0
    with pytest.raises(ValueError, match="Nothing"):
        quantile([], 0.5)
