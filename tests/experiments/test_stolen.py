"""From what a thief could do with a copy to a verdict; then live, with planted faults."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.claims.stolen import Sample, Stolen
from authcompare.experiments.deployments.deployment import Broken, Deployment
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.ending import CAUSES, Ended, Renewal
from authcompare.experiments.scenes.stealing import (
    ALONE,
    COURSES,
    GRACE,
    OLDER,
    THIEF_FIRST,
    VICTIM_FIRST,
    Copied,
    Step,
    Theft,
    thefts,
)
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import A, B, R, ended, watch
from tests.experiments.lookalikes import lookalike
from tests.experiments.visiting import decided

# Who goes on where reuse is refused and ends nothing: whoever holds the current one.
GOES_ON = {THIEF_FIRST: "thief", VICTIM_FIRST: "victim", GRACE: "victim", OLDER: "victim"}
NOTICED = [course for course in COURSES if course != ALONE]
SESSION, NONE, CHECKED = "sessions, database", "tokens, none, 4 s", "tokens, denylist"


def theft(course: str, last: Outcome = R, expected: Outcome = R) -> Theft:
    """The thief refreshes, and the next one is noticed."""
    steps = (Step("thief refreshes", A, A, "200", 0.0), Step("victim refreshes", expected, last, "401", 1.4))
    return Theft(course, steps if course != ALONE else steps[:1])


def samples() -> dict[str, list[Sample]]:
    """As the product does it."""
    lefts = [2.5 - 0.3 * number for number in range(len(CAUSES))]
    used = watch(*[A] * 80, *[R] * 10)
    return {
        SESSION: [Copied(8.0, used), *(ended(cause) for cause in CAUSES)],
        NONE: [
            Copied(2.7, watch(*[A] * 27, *[R] * 10)),
            *(ended(cause, 3.0, left) for cause, left in zip(CAUSES, lefts, strict=True)),
            *map(theft, (ALONE, *NOTICED)),
        ],
        CHECKED: [Copied(4.0, watch(*[A] * 40, *[R] * 10)), *(ended(cause) for cause in CAUSES)],
    }


def judged(arm: str, number: int, **changed: object) -> Verdict:
    """The verdict where one sample is otherwise."""
    found = samples()
    found[arm][number] = replace(found[arm][number], **changed)  # type: ignore[arg-type]
    return Stolen().judge(found)


def test_it_depends_on_whether_the_server_looks() -> None:
    verdict = Stolen().judge(samples())
    assert verdict.kind is Kind.DEPENDS
    assert verdict.decisions["C33"].kind is Kind.DEPENDS
    assert verdict.decisions["C34"].kind is Kind.REFUTED
    assert "a stolen cookie worked for 8.0 s" in verdict.decisions["C34"].because
    assert "have both used it (noticed 4 of 4 times)" in verdict.decisions["C33"].because
    assert "(1 of 1 thefts went on unnoticed)" in verdict.decisions["C33"].because
    assert "A thief whose victim never comes back is not noticed" in verdict.rule
    slope = next(figure for figure in verdict.figures if "(slope)" in figure.name)
    assert (round(slope.value, 2), slope.n) == (1.0, 7)


def test_a_copy_that_works_after_the_end_refutes() -> None:
    verdict = judged(SESSION, 1, watch=watch(A, A, R, R))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because == f"{SESSION}, logout: the thief was let in 2 times after the end."
    assert judged(CHECKED, 2, watch=watch(R, A, R)).because.endswith("refused, then let in again.")
    assert judged(NONE, 1, watch=watch(*[A] * 40, R)).kind is Kind.REFUTED
    assert judged(CHECKED, 3, renewals=[Renewal(A, "200")]).because.endswith("refresh token went on working.")


def test_a_copy_that_never_works_or_never_ends_refutes() -> None:
    assert "although nothing had been ended" in judged(SESSION, 0, watch=watch(R, R)).because
    assert "outlived every limit" in judged(SESSION, 0, watch=watch(A, A)).because


@pytest.mark.parametrize("course", NOTICED)
def test_a_theft_that_nobody_notices_refutes(course: str) -> None:
    found = samples()
    found[NONE] = [
        theft(course, A) if isinstance(one, Theft) and one.course == course else one for one in found[NONE]
    ]
    verdict = Stolen().judge(found)
    assert (verdict.kind, verdict.because) == (
        Kind.REFUTED,
        f"{NONE}, {course}: victim refreshes at 1.4 s was accepted.",
    )


def test_a_machine_too_slow_for_the_grace_or_for_the_copy_refutes_nothing() -> None:
    found = samples()
    refused = Step("thief refreshes", A, R, "401", 1.2)
    theft_within = Theft(GRACE, (Step("victim refreshes", A, A, "200", 0.1), refused))
    place = place_of(GRACE, found)
    found[NONE][place] = theft_within
    verdict = Stolen().judge(found)
    assert (verdict.kind, "too slow for a grace of 1 s" in verdict.because) == (Kind.BROKEN, True)
    found[NONE][place] = replace(theft_within, steps=(theft_within.steps[0], replace(refused, at=0.2)))
    assert Stolen().judge(found).kind is Kind.REFUTED
    slow = replace(watch(R), lasted=3.1)
    assert "the machine was too slow" in judged(NONE, 0, watch=slow, left=3.0).because
    assert judged(NONE, 0, watch=slow, left=3.5).kind is Kind.REFUTED


@pytest.mark.parametrize("outcome", [A, R])
@pytest.mark.parametrize(("at", "late"), [(2.2, False), (2.4, True)])
def test_an_older_token_that_came_too_late_for_the_grace_was_not_tried_within_it(
    outcome: Outcome, at: float, late: bool
) -> None:
    rotations = [Step("victim refreshes", A, A, "200", moment) for moment in (0.1, 1.5)]
    thief = Step("thief refreshes", R, outcome, "", at)
    found = samples()
    found[NONE][place_of(OLDER, found)] = Theft(OLDER, (*rotations, thief))
    verdict = Stolen().judge(found)
    said = {A: Kind.REFUTED, R: Kind.DEPENDS}[outcome]
    assert verdict.kind is (Kind.BROKEN if late else said)
    assert ("too slow for a grace of 1 s" in verdict.because) is late


def place_of(course: str, found: dict[str, list[Sample]]) -> int:
    return next(
        number for number, one in enumerate(found[NONE]) if isinstance(one, Theft) and one.course == course
    )


def test_whoever_is_stopped_by_something_else_is_broken() -> None:
    blocked = watch(A, B, R)
    odd = replace(blocked, polls=tuple(replace(poll, said="429 locked") for poll in blocked.polls))
    assert "429 locked is neither" in judged(SESSION, 0, watch=odd).because
    assert "429 locked after 0.10 s is neither" in judged(CHECKED, 2, watch=odd).because
    busy = judged(CHECKED, 2, renewals=[Renewal(B, "503 unavailable")])
    assert (busy.kind, "the refresh was answered 503 unavailable" in busy.because) == (Kind.BROKEN, True)
    assert judged(CHECKED, 2, controls=False).kind is Kind.BROKEN
    steps = (Step("thief refreshes", A, B, "403 csrf", 0.0),)
    assert "403 csrf is neither" in judged(NONE, 6, steps=steps).because
    assert Stolen().judge({}).kind is Kind.BROKEN
    assert Stolen().judge({SESSION: samples()[SESSION]}).because == "Not every kind of credential was stolen."


def test_tokens_that_expired_before_the_end_are_left_out_and_counted() -> None:
    for left in (0.1, -0.5):
        late = judged(NONE, 1, left=left, watch=watch(R, R))
        assert late.kind is Kind.DEPENDS
    assert late.doubts[-1].startswith("1 of 5 unchecked tokens had expired before")
    found = samples()
    found[NONE] = [replace(one, left=0.1) if isinstance(one, Ended) else one for one in found[NONE]]
    assert Stolen().judge(found).because.startswith("The machine was too slow")


@pytest.mark.parametrize("status", [429, 500])
def test_servers_that_only_look_like_one_are_broken(status: int) -> None:
    for arm in Stolen().arms(quick=True):
        with lookalike(status) as site, pytest.raises(Broken):
            Stolen().visit(arm, site, Transcript())


def judged_thefts(fleet: Fleet) -> list[Verdict]:
    """Every course of events on one server with a short grace, each judged by itself."""
    settings = {"TOKEN_CHECK": "database", "TOKEN_REFRESH_GRACE_SECONDS": "1"}
    (site,) = fleet.start([Deployment("grace", settings)])
    try:
        found = {one.course: one for one in thefts(True, site, Transcript())}
    finally:
        fleet.end()

    def with_one(course: str) -> list[Sample]:
        canned = samples()[NONE]
        return [found[course] if isinstance(one, Theft) and one.course == course else one for one in canned]

    return [Stolen().judge({**samples(), NONE: with_one(course)}) for course in COURSES]


def test_the_product_notices_every_theft(fleet: Fleet) -> None:
    for verdict in decided(lambda: judged_thefts(fleet)):
        assert verdict.kind is Kind.DEPENDS, verdict.because


def test_reuse_that_ends_nothing_is_noticed(faulty: Callable[[str], Fleet]) -> None:
    planted = faulty("reuse_ends_nothing")
    found = dict(zip(COURSES, decided(lambda: judged_thefts(planted)), strict=True))
    assert {found.pop(ALONE).kind} == {Kind.DEPENDS}
    for course, verdict in found.items():
        assert verdict.kind is Kind.REFUTED
        assert verdict.because.startswith(f"{NONE}, {course}: {GOES_ON[course]} refreshes at"), verdict


def test_an_older_token_that_is_taken_within_the_grace_is_noticed(faulty: Callable[[str], Fleet]) -> None:
    planted = faulty("grace_for_grandparents")
    found = dict(zip(COURSES, decided(lambda: judged_thefts(planted)), strict=True))
    assert found[OLDER].kind is Kind.REFUTED
    assert f"{OLDER}: thief refreshes at" in found[OLDER].because


def test_a_logout_that_only_clears_the_browser_is_noticed(
    fleet: Fleet, faulty: Callable[[str], Fleet]
) -> None:
    arm = Stolen().arms(quick=True)[0]
    brief = replace(arm, parameters={**arm.parameters, "limit": 1, "watch": 0.5})
    (site,) = faulty("logout_forgets").start([arm.deployment])
    found = Stolen().visit(brief, site, Transcript())
    verdict = Stolen().judge({**samples(), arm.name: [samples()[SESSION][0], *found[1:]]})
    assert verdict.kind is Kind.REFUTED
    assert "sessions, database, logout: the thief was let in" in verdict.because
