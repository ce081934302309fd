"""The row on store outages: every verdict it can give, from canned drills."""

from dataclasses import replace

from authcompare.experiments.claims.outage import ALONE, COPIES, SessionsStopWithTheirStore
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.scenes.aftermath import (
    COPIED,
    CRASHED,
    FROZEN,
    KILLED,
    LIVE,
    LOGIN,
    MEANWHILE,
    REFRESH,
    STAFF,
    STOPPED,
    TOKEN,
)
from authcompare.experiments.scenes.drills import AFTER, AWAY, BEFORE, Drill, Felt
from authcompare.experiments.verdict import Kind, Verdict

A, R, B = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.BROKEN
ENDED = ("session ended before", "token ended before")
Felts = dict[tuple[str, str, str], Felt]


def felt(drill: Drill, caller: str, phase: str, last: Outcome, n: int = 20) -> Felt:
    """All answers alike, the longest after 30 ms."""
    said = {A: "200", R: "401 not_authenticated", B: "500 server_error"}[last]
    counts = (n if last is A else 0, n if last is R else 0)
    return Felt(drill.name, caller, phase, ((said, n),), *counts, 30.0, 1.2, 1.0 if last is A else 0.0, last)


def drill(one: Drill, stopped: tuple[str, ...] = ()) -> list[Felt]:
    """Those who are stopped get errors while the store is away."""
    found = []
    for phase in (BEFORE, AWAY, AFTER):
        found += [felt(one, who, phase, B if phase == AWAY and who in stopped else A) for who in LIVE]
        ended = ENDED if phase == BEFORE or one.store != "redis" else ENDED + MEANWHILE
        found += [felt(one, who, phase, R) for who in ended]
    return found


def held(*, database: bool = True) -> dict[str, list[Felt]]:
    """As the product does."""
    samples = {COPIES: [*drill(KILLED), *drill(FROZEN)]}
    if database:
        samples[COPIES] += drill(STOPPED, (STAFF, REFRESH, LOGIN))
        samples[ALONE] = [
            one for each in (STOPPED, CRASHED) for one in drill(each, (COPIED, STAFF, REFRESH, LOGIN))
        ]
    return samples


def judged(one: Drill, caller: str, phase: str, **changed: object) -> Verdict:
    """The verdict where one caller felt something else."""
    samples = held()
    samples[COPIES] = [
        replace(each, **changed)
        if (each.drill, each.caller, each.phase) == (one.name, caller, phase)
        else each  # type: ignore[arg-type]
        for each in samples[COPIES]
    ]
    return SessionsStopWithTheirStore().judge(samples)


def test_it_depends_on_which_store_is_away() -> None:
    verdict = SessionsStopWithTheirStore().judge(held())
    assert verdict.kind is Kind.DEPENDS
    assert verdict.because.startswith(
        "Redis away: 200 of 200 requests of the living served, longest wait 30 ms."
    )
    assert "Database away: session of staff 20 times 500 server_error" in verdict.because
    assert "the database answers for it, in both schemes" in verdict.rule
    assert "were 500" in verdict.doubts[0]


def test_a_machine_that_is_slow_with_every_store_there_decides_nothing() -> None:
    assert judged(KILLED, COPIED, BEFORE, longest_ms=470.0).kind is Kind.DEPENDS
    verdict = judged(KILLED, COPIED, BEFORE, longest_ms=490.0)
    assert (verdict.kind, "the machine was too slow" in verdict.because) == (Kind.BROKEN, True)


def test_every_drill_says_who_was_served_and_bounds_what_it_did_not_see() -> None:
    figures = {figure.name: figure for figure in SessionsStopWithTheirStore().judge(held()).figures}
    assert figures["database stopped: session served"].text == "20 of 20"
    assert figures["database stopped (no Redis): session served"].text == "0 of 20"
    ended = figures["Redis frozen, back as it was: ended logins let in"]
    assert (ended.value, ended.n, ended.note) == (0, 160, "at most 1.9% of them, at 95 %")


def test_without_a_database_to_stop_it_is_inconclusive_and_says_what_it_takes() -> None:
    verdict = SessionsStopWithTheirStore().judge(held(database=False))
    assert verdict.kind is Kind.INCONCLUSIVE
    assert "apt-get install postgresql" in verdict.needs


def test_sessions_that_alone_stop_with_redis_hold() -> None:
    verdict = judged(KILLED, COPIED, AWAY, accepted=10, answers=(("200", 10), ("500 server_error", 10)))
    assert (verdict.kind, "session 10 times 200, 10 times 500" in verdict.because) == (Kind.HOLDS, True)


def test_sessions_that_alone_stop_with_the_database_hold() -> None:
    samples = {COPIES: [*drill(KILLED), *drill(FROZEN), *drill(STOPPED, (COPIED, STAFF))]}
    assert SessionsStopWithTheirStore().judge(samples).kind is Kind.HOLDS


def test_tokens_that_stop_with_redis_as_well_refute() -> None:
    assert judged(FROZEN, TOKEN, AWAY, longest_ms=1100.0).kind is Kind.REFUTED


def test_a_store_that_nobody_needs_refutes() -> None:
    samples = {COPIES: [*drill(KILLED), *drill(FROZEN), *drill(STOPPED)]}
    verdict = SessionsStopWithTheirStore().judge(samples)
    assert (verdict.kind, verdict.because) == (Kind.REFUTED, "Nobody noticed that a store was away.")


def test_one_answer_lost_to_a_stale_connection_is_no_outage() -> None:
    answers = (("200", 19), ("500 server_error", 1))
    assert judged(KILLED, COPIED, AWAY, accepted=19, answers=answers).kind is Kind.DEPENDS


def test_an_ended_login_that_is_let_in_refutes() -> None:
    verdict = judged(KILLED, ENDED[1], AWAY, accepted=3, refused=17)
    assert (verdict.kind, "token ended before was let in 3 of 20 times" in verdict.because) == (
        Kind.REFUTED,
        True,
    )


def test_a_mark_lost_with_redis_is_counted_and_has_its_bound() -> None:
    verdict = judged(FROZEN, MEANWHILE[0], AFTER, accepted=15, refused=5, accepted_until=58.0, seconds=66.0)
    assert verdict.kind is Kind.DEPENDS
    assert "watched here for 66 s" in verdict.doubts[1]
    for one, until in ((FROZEN, 66.0), (KILLED, 1.0)):
        verdict = judged(one, MEANWHILE[0], AFTER, accepted=15, refused=5, accepted_until=until)
        assert (verdict.kind, "ended meanwhile was let in" in verdict.because) == (Kind.REFUTED, True)


def test_a_living_login_that_is_lost_refutes() -> None:
    assert judged(KILLED, COPIED, AFTER, accepted=5, refused=15, last=R).kind is Kind.REFUTED
    assert judged(STOPPED, REFRESH, AFTER, last=B).kind is Kind.REFUTED


def test_a_dead_server_is_no_outage_of_its_store() -> None:
    verdict = judged(KILLED, COPIED, AWAY, answers=(("no answer (ConnectionRefusedError)", 20),), accepted=0)
    assert (verdict.kind, "server itself was gone" in verdict.because) == (Kind.BROKEN, True)


def test_without_controls_nothing_is_proved() -> None:
    assert judged(KILLED, COPIED, BEFORE, accepted=19).kind is Kind.BROKEN
    assert judged(KILLED, ENDED[0], BEFORE, refused=0, accepted=20).kind is Kind.BROKEN
    assert SessionsStopWithTheirStore().judge({}).kind is Kind.BROKEN
    assert SessionsStopWithTheirStore().judge({COPIES: drill(KILLED)[3:]}).kind is Kind.BROKEN


def test_who_asked_just_before_the_thaw_may_be_answered_by_what_redis_still_held() -> None:
    asked = {"accepted": 1, "refused": 19}
    excused = judged(FROZEN, MEANWHILE[0], AWAY, **asked, accepted_from=1.0)
    earlier = judged(FROZEN, MEANWHILE[0], AWAY, **asked, accepted_from=0.3)
    empty = judged(KILLED, MEANWHILE[0], AWAY, **asked, accepted_from=1.0)
    assert [one.kind for one in (excused, earlier, empty)] == [Kind.DEPENDS, Kind.REFUTED, Kind.REFUTED]
