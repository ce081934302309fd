"""From tries before and after a limit to a verdict; then live, with the product and with planted faults."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.claim import Arm
from authcompare.experiments.claims.expiration import CHANGED, KEPT, LASTING, Expiration
from authcompare.experiments.deployments.deployment import Deployment
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.ageing import Limit, Showing
from authcompare.experiments.scenes.changing import Change
from authcompare.experiments.scenes.lasting import Lasting
from authcompare.experiments.scenes.lifetimes import Sample
from authcompare.experiments.scenes.limits import ABSOLUTE, ACCESS, FAMILY, IDLE, LIMITS, REFRESH
from authcompare.experiments.scenes.upkeep import Upkeep
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import A, B, R
from tests.experiments.visiting import decided, visited

CONFIGURED = {IDLE: 3.0, ABSOLUTE: 7.0, ACCESS: 2.0, REFRESH: 3.0, FAMILY: 7.0}
SHORT = {"SESSION_IDLE_SECONDS": "2", "TOKEN_ACCESS_SECONDS": "2", "TOKEN_ABSOLUTE_SECONDS": "5"}


def met(kind: str, at: float) -> Limit:
    """Tried every 0.2 s, let in until `at`."""
    ages = [number / 5 for number in range(1, 60)]
    showings = tuple(Showing(age, age + 0.01, A if age < at else R) for age in ages)
    whole, renewals = kind in (ACCESS, REFRESH, FAMILY), 3 if kind == FAMILY else 0
    return Limit(kind, CONFIGURED[kind], whole, showings, renewals)


def samples(**changed: float) -> dict[str, list[Sample]]:
    """Every arm as the product does it; `changed` says when a limit was met instead."""
    found: dict[str, list[Sample]] = {
        kind: [met(kind, changed.get(setting, CONFIGURED[kind]))] for kind, setting in LIMITS.items()
    }
    found[CHANGED] = [Change("session: idle limit extended", A, A, "200")]
    found[LASTING] = [Lasting(10.0, A, R)]
    found[KEPT] = [
        Upkeep("session", ("session_absolute_seconds", "session_idle_seconds"), 2, 0),
        Upkeep("token", ("token_absolute_seconds", "token_idle_seconds"), 2, 0),
    ]
    return found


def judged(**changed: float) -> Verdict:
    return Expiration().judge(samples(**changed))


def test_only_the_access_token_has_its_expiry_built_in() -> None:
    verdict = judged()
    assert verdict.kind is Kind.DEPENDS
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C12": Kind.HOLDS,
        "C13": Kind.REFUTED,
        "C31": Kind.HOLDS,
        "C32": Kind.HOLDS,
        "C48": Kind.HOLDS,
    }
    assert "keeps 2 for refresh tokens (token_absolute_seconds" in verdict.decisions["C13"].because
    assert "a session left alone was still let in after 10.0 s, and no longer once it was logged out" in (
        verdict.decisions["C12"].because
    )
    assert "access token 1.9 s of 2 s" in verdict.because
    assert "Tokens count whole seconds, rounded down" in verdict.because
    assert "3 extra requests, one with a session 0" in verdict.decisions["C32"].because


@pytest.mark.parametrize("setting", LIMITS.values())
def test_a_login_that_outlives_its_limit_refutes(setting: str) -> None:
    verdict = judged(**{setting: 9.5})
    assert verdict.kind is Kind.REFUTED
    assert "still let in at 9.40 s" in verdict.because


def test_one_that_never_ends_refutes() -> None:
    assert judged(SESSION_IDLE_SECONDS=100).kind is Kind.REFUTED


def test_one_that_ends_early_refutes_but_for_the_second_that_tokens_are_rounded_down() -> None:
    assert judged(TOKEN_ACCESS_SECONDS=1.2, TOKEN_ABSOLUTE_SECONDS=6.2).kind is Kind.DEPENDS
    verdict = judged(SESSION_ABSOLUTE_SECONDS=6.2)
    assert (verdict.kind, verdict.because) == (
        Kind.REFUTED,
        "session absolute: configured 7 s, refused at 6.21 s already.",
    )


def test_rows_that_outlive_the_purge_refute() -> None:
    kept = samples()
    kept[KEPT][0] = Upkeep("session", ("session_idle_seconds",), 2, 1)
    assert Expiration().judge(kept).because == "1 of 2 expired session rows outlived the purge."


def test_under_limits_of_years_only_its_logout_ends_a_session() -> None:
    def lasting(*shown: object) -> Verdict:
        return Expiration().judge({**samples(), LASTING: [Lasting(10.0, *shown)]})  # type: ignore[arg-type]

    early, after = lasting(R, R), lasting(A, A)
    assert early.kind is after.kind is Kind.REFUTED
    assert early.because == f"{LASTING}: refused after 10.0 s already."
    assert after.because == f"{LASTING}: still let in after its logout."
    assert "500 is neither" in lasting(B, R, "500").because
    assert Expiration().judge({**samples(), LASTING: []}).kind is Kind.BROKEN


def test_a_scheme_that_needs_less_is_said_to_need_less() -> None:
    found = samples()
    found[KEPT][1] = Upkeep("token", (), 0, 0)
    found[FAMILY] = [replace(met(FAMILY, 7.0), renewals=0)]
    decisions = Expiration().judge(found).decisions
    assert decisions["C13"].kind is Kind.DEPENDS
    assert decisions["C32"].kind is Kind.REFUTED


def test_a_change_without_effect_changes_what_is_said_about_changing() -> None:
    found = samples()
    found[CHANGED] = [Change("session: idle limit extended", A, R, "401 not_authenticated")]
    decision = Expiration().judge(found).decisions["C48"]
    assert decision.kind is Kind.DEPENDS
    assert decision.because.endswith("0 of 1 cases; not: session: idle limit extended.")


def test_a_machine_too_slow_to_try_in_time_decides_nothing() -> None:
    found = samples()
    found[ABSOLUTE] = [Limit(ABSOLUTE, 7, False, (Showing(4, 6.5, A), Showing(7.5, 9.9, R)))]
    verdict = Expiration().judge(found)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert "between 4.00 and 9.90 s nothing was tried in time" in verdict.because


@pytest.mark.parametrize(("kind", "silence"), [(ABSOLUTE, 2.7), (FAMILY, 1.0)])
def test_a_machine_so_slow_that_another_limit_ended_the_login_refutes_nothing(
    kind: str, silence: float
) -> None:
    tries = (Showing(0.9, 1.0, A), Showing(1.1 + silence / 2, 1.1 + silence, R))
    verdict = Expiration().judge({**samples(), kind: [Limit(kind, 7, True, tries, 1, silence)]})
    assert verdict.kind is Kind.BROKEN
    assert verdict.because.startswith(f"{kind}: the machine was too slow")
    in_time = (tries[0], replace(tries[1], most=0.8 + silence))
    refuted = Expiration().judge({**samples(), kind: [Limit(kind, 7, True, in_time, 1, silence)]})
    assert (refuted.kind, "refused at" in refuted.because) == (Kind.REFUTED, True)


@pytest.mark.parametrize("kind", LIMITS)
def test_another_answer_than_a_refusal_is_broken(kind: str) -> None:
    found = samples()
    limit = met(kind, CONFIGURED[kind])
    found[kind] = [replace(limit, showings=(*limit.showings, Showing(9, 9.1, B, "429 locked")))]
    verdict = Expiration().judge(found)
    assert (verdict.kind, "429 locked at 9.10 s is neither" in verdict.because) == (Kind.BROKEN, True)


@pytest.mark.parametrize(("kind", "limit"), [(IDLE, 3.0), (ACCESS, 1.0)])
def test_a_machine_too_slow_to_try_before_the_limit_says_nothing_about_what_it_refuses(
    kind: str, limit: float
) -> None:
    tried = Limit(kind, CONFIGURED[kind], kind == ACCESS, (Showing(0.4, limit, R),))
    assert Expiration().judge({**samples(), kind: [tried]}).because.startswith(f"{kind}: the machine was too")
    tried = replace(tried, showings=(Showing(0.4, limit - 0.1, R),))
    assert Expiration().judge({**samples(), kind: [tried]}).because.startswith(f"{kind}: never let in")


def test_what_was_never_let_in_or_never_tried_is_broken() -> None:
    found = samples(SESSION_IDLE_SECONDS=0)
    assert Expiration().judge(found).because.startswith("session idle: never let in")
    found = samples()
    found[CHANGED] = [Change("session: idle limit extended", A, B, "500")]
    assert Expiration().judge(found).kind is Kind.BROKEN
    assert Expiration().judge({}).kind is Kind.BROKEN
    assert Expiration().judge({**samples(), KEPT: []}).because == "rows and settings: nothing was tried."


def short_arms() -> list[Arm]:
    """Three limits, as short as they can be told apart."""
    where = Deployment("short", {**SHORT, "TOKEN_REFRESH_GRACE_SECONDS": "0"})
    return [
        Arm(kind, where, "", parameters={"kind": kind, "limit": int(SHORT[LIMITS[kind]])})
        for kind in (IDLE, ACCESS, FAMILY)
    ]


def test_the_product_keeps_its_limits(fleet: Fleet) -> None:
    claim = Expiration()
    (verdict,) = decided(lambda: [claim.judge({**samples(), **visited(fleet, claim, short_arms())})])
    assert verdict.kind is Kind.DEPENDS, verdict.because


@pytest.mark.parametrize(
    ("fault", "kind"), [("sessions_never_idle", IDLE), ("access_leeway", ACCESS), ("refresh_slides", FAMILY)]
)
def test_a_limit_that_is_not_kept_is_noticed(faulty: Callable[[str], Fleet], fault: str, kind: str) -> None:
    fleet, claim, found = faulty(fault), Expiration(), dict[str, list[Limit]]()
    arms = [arm for arm in short_arms() if arm.name == kind]

    def judged_here() -> list[Verdict]:
        found.update(visited(fleet, claim, arms))
        return [claim.judge({**samples(), **found})]

    (verdict,) = decided(judged_here)
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.startswith(f"{kind}: configured {SHORT[LIMITS[kind]]} s, still let in at")
    assert bool(found[kind][0].renewals) is (kind == FAMILY)


def test_a_session_that_ends_by_another_limit_than_those_set_is_noticed(
    fleet: Fleet, faulty: Callable[[str], Fleet]
) -> None:
    claim = Expiration()
    arms = [replace(arm, parameters={"alone": 2.5}) for arm in claim.arms(quick=True) if arm.name == LASTING]
    product, early = (
        claim.judge({**samples(), **visited(where, claim, arms)})
        for where in (fleet, faulty("sessions_end_early"))
    )
    assert product.kind is Kind.DEPENDS, product.because
    assert (early.kind, early.because.startswith(f"{LASTING}: refused after")) == (Kind.REFUTED, True)


def test_a_server_whose_clock_is_wrong_by_a_minute_is_found_to_keep_the_same_limits(
    faulty: Callable[[str], Fleet],
) -> None:
    fleet, claim = faulty("clock_ahead"), Expiration()
    arms = [arm for arm in short_arms() if arm.name in (IDLE, ACCESS)]
    (verdict,) = decided(lambda: [claim.judge({**samples(), **visited(fleet, claim, arms)})])
    assert verdict.kind is Kind.DEPENDS, verdict.because
