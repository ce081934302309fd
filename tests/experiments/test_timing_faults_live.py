"""Planted faults that only a clock, or a counter, can notice."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments.claim import PARTS, BlockValue, Claim, Evidence, Shot
from authcompare.experiments.claims import cycle, slow_requests
from authcompare.experiments.claims.cycle import Cycle
from authcompare.experiments.claims.lookups import STAFF, SessionsLookUpTokensDoNot
from authcompare.experiments.claims.performance import DECIDING, PRIMARY, Performance
from authcompare.experiments.claims.slow_requests import SlowRequests
from authcompare.experiments.claims.where_time_goes import WhereTimeGoes
from authcompare.experiments.costs.lateness import Slice
from authcompare.experiments.costs.timed_arms import ARMS, DELAYED_ARM
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.frame import Frame, deployments_of
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.timing import Measured, Plan, measure_launch, warm_up
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments import test_slow_requests, test_where_time_goes
from tests.experiments.canned import timed
from tests.experiments.pretended import Silent
from tests.experiments.visiting import visited

Faulty = Callable[[str], Fleet]
PLAN = Plan(launches=4, blocks=3, warm_requests=40, warm_seconds=1.0, budget_seconds=0)
OPEN, TOKENS, SESSIONS = "open, es256", "tokens, none", "sessions, memory"
CHECKED = ("tokens, database", "tokens, denylist")
IN_REDIS = ("sessions, cached", "tokens, denylist")


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


def test_staff_whose_sessions_are_copied_are_noticed(fleet: Fleet, faulty: Faulty) -> None:
    claim = SessionsLookUpTokensDoNot()
    arms = claim.arms(quick=True)
    samples, staff = visited(fleet, claim, arms), [arm for arm in arms if arm.name == STAFF]
    assert claim.judge(samples).doubts == ()
    assert claim.judge({**samples, **visited(faulty("staff_copied"), claim, staff)}).doubts == (
        f"{STAFF} was expected to need 1 SQL, 1 Redis and needed 0 SQL, 1 Redis.",
    )


def measured(fleets: dict[str, Fleet], *names: str) -> dict[str, dict[str, list[BlockValue]]]:
    """These arms on each of the fleets, in the same blocks.

    In processor time, which a busy wait uses up and a busy machine does not change.
    """
    into, source = Measured(), random.Random(1)
    for launch in range(PLAN.launches):
        shots = {
            f"{called}: {arm}": shot for called, one in fleets.items() for arm, shot in aimed(one, *names)
        }
        warm_up(shots, [name for name in shots if ": open" in name], PLAN, source)
        measure_launch(shots, launch, PLAN, source, into)
        for one in fleets.values():
            one.end()
    return {
        called: {arm: [worked(value) for value in into.values[f"{called}: {arm}"]] for arm in names}
        for called in fleets
    }


def aimed(fleet: Fleet, *names: str) -> Iterator[tuple[str, Shot]]:
    claim = Performance()
    arms = [arm for arm in claim.arms(quick=True) if arm.name in names]
    sites = {site.deployment.name: site for site in fleet.start(deployments_of(arms))}
    for arm in arms:
        noted = Transcript()
        yield arm.name, claim.begin(arm, sites[arm.deployment.name], noted)
        assert (noted.lines[-1].note, noted.lines[-1].answer[:3]) == ("what is timed", "200")


def worked(value: BlockValue) -> BlockValue:
    return replace(value, ms=value.cpu[PARTS.index("server")])


def canned(costs: dict[str, float]) -> dict[str, list[BlockValue]]:
    """As many launches as were measured."""
    several = timed({**costs, DELAYED_ARM: 0.2})
    return {name: [one for one in values if one.launch < PLAN.launches] for name, values in several.items()}


def test_what_is_later_in_one_authenticator_turns_the_verdict_and_in_both_does_not(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRIMARY, DECIDING[-1], (TOKENS, SESSIONS))  # a session of the same process
    alike = {name: 0.5 for name in ARMS if name.startswith("sessions") or name in CHECKED}
    plain = canned({**alike, TOKENS: 0.1})
    fleets = {"one": faulty("slow_tokens"), "both": faulty("slow_both")}
    found = measured(fleets, OPEN, TOKENS, SESSIONS)
    assert Performance().judge(plain).kind is Kind.DEPENDS
    assert Performance().judge({**plain, **found["both"]}).kind is Kind.DEPENDS
    assert Performance().judge({**plain, **found["one"]}).kind is Kind.REFUTED


def test_a_cookie_that_is_dear_to_read_turns_where_the_time_goes(faulty: Faulty) -> None:
    plain = canned(test_where_time_goes.costs(0.5, 0.6))
    arms = (OPEN, TOKENS, "open, copy", *IN_REDIS, "open, row", "sessions, database")
    found = measured({"dear": faulty("slow_sessions")}, *arms)["dear"]
    assert [_taken_apart(samples).kind for samples in (plain, {**plain, **found})] == [
        Kind.HOLDS,
        Kind.REFUTED,
    ]


def _taken_apart(samples: dict[str, list[BlockValue]]) -> Verdict:
    """Without the controls: where some arms are canned and others are live, nulls say nothing."""
    claim, evidence = WhereTimeGoes(), Evidence(Verdict(Kind.HOLDS, "Measured."), samples)
    return claim.judge({**claim.derive({"performance": evidence}), "fault": []})


def test_a_cookie_that_is_read_later_makes_the_slow_requests_depend_on_where_it_is_looked_up(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"RATE": 25, "REQUESTS": 5}.items():  # no request waits for the one before
        monkeypatch.setattr(slow_requests, name, value)
    monkeypatch.setattr(SlowRequests, "rounds", (12, 12))
    few = checks(SlowRequests(), *IN_REDIS)
    live = Frame(faulty("slow_sessions"), quick=True, seed=1, progress=Silent()).run(few).samples
    assert set(live) == set(IN_REDIS)
    plain = {name: slices[:12] for name, slices in test_slow_requests.samples().items()}
    # The soonest of each slice: whatever a busy machine does makes others later.
    found = {name: [Slice((min(one.ms),)) for one in slices] for name, slices in live.items()}
    assert SlowRequests().judge(plain).kind is Kind.REFUTED
    verdict = SlowRequests().judge({**plain, **found})
    assert verdict.kind is Kind.DEPENDS
    assert "where both are looked up in Redis: -" in verdict.rule
