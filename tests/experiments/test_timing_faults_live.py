"""Planted faults that only a clock, or a counter, can notice."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from authcompare.experiments.claim import Arm, Claim
from authcompare.experiments.claims import cycle
from authcompare.experiments.claims.cycle import Cycle
from authcompare.experiments.claims.lookups import SessionsLookUpTokensDoNot
from authcompare.experiments.claims.performance import Performance
from authcompare.experiments.claims.slow_requests import SlowRequests
from authcompare.experiments.costs.comparison import added, difference, estimate
from authcompare.experiments.costs.timed_arms import ARMS, DELAYED_ARM
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.frame import Frame
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.timing import Measured, Plan, measure_launch, warm_up
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import timed
from tests.experiments.pretended import Silent
from tests.experiments.visiting import visited

Faulty = Callable[[str], Fleet]
PLAN = Plan(launches=2, blocks=10, warm_requests=60, warm_seconds=1.0, budget_seconds=0)
OPEN, TOKENS, SESSIONS = "open, es256", "tokens, none", "sessions, memory"
CHECKED = ("tokens, database", "tokens, denylist")


def arm_of(claim: Claim[Any], name: str) -> Arm:
    return next(arm for arm in claim.arms(quick=True) if arm.name == name)


def checks(claim: Claim[Any], *wanted: str) -> Claim[Any]:
    """The claim with these of its arms only, in a quick run too."""
    arms = [arm for arm in claim.arms(quick=False) if arm.name in wanted]
    claim.arms = lambda quick: arms  # type: ignore[method-assign]
    return claim


@pytest.mark.parametrize(
    ("claim", "arms"),
    [
        (Performance, ("open, es256", "tokens, none")),
        (Performance, ("open, hs256", "tokens, none, HS256, first sight")),
        (SlowRequests, ("tokens, none",)),
        (Cycle, ("looked up in Redis",)),
    ],
)
def test_an_authenticator_that_is_fast_because_it_checks_nothing_is_broken(
    faulty: Faulty, claim: type[Claim[Any]], arms: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycle, "LAUNCHES", 1)
    few = checks(claim(), *arms)
    verdict = Frame(faulty("signature_skipped"), quick=True, seed=1, progress=Silent()).run(few).verdict
    assert verdict.kind is Kind.BROKEN
    assert "Not timed, because an altered credential was answered 200" in verdict.because


def test_a_query_that_nobody_asked_for_turns_the_look_ups(fleet: Fleet, faulty: Faulty) -> None:
    claim = SessionsLookUpTokensDoNot()
    arms = claim.arms(quick=True)
    unchecked = [arm for arm in arms if arm.name == TOKENS]
    samples = visited(fleet, claim, arms)
    assert claim.judge(samples).kind is Kind.DEPENDS
    verdict = claim.judge({**samples, **visited(faulty("hidden_sql"), claim, unchecked)})
    assert (verdict.kind, verdict.because) == (
        Kind.REFUTED,
        "Even an unchecked token needs a look-up: 1 SQL, 0 Redis.",
    )


def test_a_millisecond_is_found_in_one_authenticator_and_not_in_both(fleet: Fleet, faulty: Faulty) -> None:
    claim, measured, source = Performance(), Measured(), random.Random(1)
    fleets = {"plain": fleet, "one": faulty("slow_tokens"), "both": faulty("slow_both")}
    for launch in range(PLAN.launches):
        shots = {}
        for name, one in fleets.items():
            (site,) = one.start([arm_of(claim, TOKENS).deployment])
            for arm in (OPEN, TOKENS, SESSIONS):
                noted = Transcript()
                shots[f"{name}: {arm}"] = claim.begin(arm_of(claim, arm), site, noted)
                assert (noted.lines[-1].note, noted.lines[-1].answer[:3]) == ("what is timed", "200")
        warm_up(shots, [name for name in shots if OPEN in name], PLAN, source)
        measure_launch(shots, launch, PLAN, source, measured)
        for one in fleets.values():
            one.end()
    costs = {name: _tokens_minus_sessions(measured, name) for name in fleets}
    one, both = costs["one"] - costs["plain"], costs["both"] - costs["plain"]
    # How much is for a quiet machine to say; here, that the one fault stands out from the same in both.
    assert one > 0.5
    assert abs(both) < one / 2
    assert [_judged(late).kind for late in (0.0, both, one)] == [Kind.DEPENDS, Kind.DEPENDS, Kind.REFUTED]


def _tokens_minus_sessions(measured: Measured, name: str) -> float:
    """In processor time, which a busy wait uses up and a busy machine does not change."""
    costs = [
        added(measured.samples, f"{name}: {arm}", f"{name}: {OPEN}", "server") for arm in (TOKENS, SESSIONS)
    ]
    return estimate(difference(*costs), 0.95).value


def _judged(late: float) -> Verdict:
    """The whole claim, where an unchecked token is later by as much as was found."""
    alike = {name: 0.5 for name in ARMS if name.startswith("sessions") or name in CHECKED}
    return Performance().judge(timed({**alike, TOKENS: 0.1 + late, DELAYED_ARM: 0.2}))
