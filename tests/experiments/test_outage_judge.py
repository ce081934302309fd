"""The row on store outages: every verdict it can give, from canned drills."""

from dataclasses import replace

import pytest

from authcompare.experiments.claims.outage import (
    ALONE,
    ASKED,
    COPIES,
    SessionsStopWithTheirStore,
)
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
from authcompare.experiments.scenes.asking import AFTER, AWAY, BEFORE, UNDER_WAY, Felt
from authcompare.experiments.scenes.drills import Drill
from authcompare.experiments.verdict import Kind, Verdict

A, R, B = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.BROKEN
ENDED = ("session ended before", "token ended before")
Felts = dict[tuple[str, str, str], Felt]


def felt(drill: Drill, caller: str, phase: str, what: Outcome, n: int = 20) -> Felt:
    """All answers alike, the longest after 30 ms."""
    said = {A: "200", R: "401 not_authenticated", B: "500 server_error"}[what]
    counts = (n if what is A else 0, n if what is R else 0)
    return Felt(drill.name, caller, phase, ((said, n),), *counts, 30.0, 1.2, 1.0 if what is A else 0.0)


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
        samples[ASKED] = drill(STOPPED, (STAFF, TOKEN, REFRESH, LOGIN))
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
        "Redis killed, back empty: everybody went on (100 times 200, longest wait 30 ms). Redis frozen, back "
        "as it was: everybody went on (100 times 200, longest wait 30 ms). Database stopped: session, access "
        "token went on (40 times 200, longest wait 30 ms); session of staff, refresh token, login stopped"
    )
    assert (
        "Database crashed (no Redis, TOKEN_CHECK=none): access token went on (20 times 200, longest wait 30 "
        "ms); session, session of staff, refresh token, login stopped (80 times 500 server_error, longest "
        "wait 30 ms)."
    ) in verdict.because
    assert verdict.because.endswith(
        "Database stopped (TOKEN_CHECK=database): session went on (20 times 200, longest wait 30 ms); "
        "session of staff, access token, refresh token, login stopped (80 times 500 server_error, longest "
        "wait 30 ms)."
    )
    assert verdict.rule.endswith(
        "While the database is away (1.20 s here), a session goes on while its copy lives in Redis, an "
        "access token while Redis has what the denylist needs, one that nobody checks by itself. What needs "
        "a row stops, in both schemes: sessions without a copy, tokens checked in the database, refreshing, "
        "logging in."
    )
    assert "were 500" in verdict.doubts[0]
    assert verdict.doubts[-1].startswith("By the code, not watched: Redis keeps a copied session")


def test_a_quick_run_speaks_of_no_token_that_it_has_not_tried() -> None:
    samples = held()
    verdict = SessionsStopWithTheirStore().judge({COPIES: samples[COPIES]})
    assert "what the denylist needs. What needs a row stops" in verdict.rule
    assert "sessions without a copy, refreshing, logging in." in verdict.rule
    assert verdict.doubts[-1].endswith("are tried by a full run.")


def test_a_token_that_goes_on_without_the_row_it_is_checked_by_is_told() -> None:
    verdict = SessionsStopWithTheirStore().judge({**held(), ASKED: drill(STOPPED, (STAFF, REFRESH, LOGIN))})
    assert verdict.kind is Kind.DEPENDS
    assert verdict.rule.endswith("(TOKEN_CHECK=database): session of staff, refresh token, login.")


def test_an_unchecked_token_that_stops_refutes_a_checked_one_does_not() -> None:
    verdict = SessionsStopWithTheirStore().judge({**held(), ALONE: drill(STOPPED, (COPIED, STAFF, TOKEN))})
    assert verdict.kind is Kind.REFUTED


def test_a_machine_that_is_slow_with_every_store_there_decides_nothing() -> None:
    assert judged(KILLED, COPIED, BEFORE, longest_ms=470.0).kind is Kind.DEPENDS
    verdict = judged(KILLED, COPIED, BEFORE, longest_ms=490.0)
    assert (verdict.kind, "the machine was too slow" in verdict.because) == (Kind.BROKEN, True)


def test_every_drill_says_who_was_served_and_of_how_many_logins_it_speaks() -> None:
    figures = {figure.name: figure for figure in SessionsStopWithTheirStore().judge(held()).figures}
    assert figures["database stopped: session served"].text == "20 of 20"
    assert figures["database stopped (no Redis, TOKEN_CHECK=none): session served"].text == "0 of 20"
    ended = figures["Redis frozen, back as it was: ended logins let in"]
    assert (ended.text, ended.n, ended.note) == ("0 of 160", 4, "showings of 4 logins")


def test_without_a_database_to_stop_it_is_inconclusive_and_says_what_it_takes() -> None:
    verdict = SessionsStopWithTheirStore().judge(held(database=False))
    assert verdict.kind is Kind.INCONCLUSIVE
    assert "apt-get install postgresql" in verdict.needs


def test_sessions_that_alone_stop_hold() -> None:
    for stopped in ((COPIED,), (STAFF,), (COPIED, STAFF)):
        by_redis = {COPIES: [*drill(KILLED, stopped), *drill(FROZEN)]}
        by_database = {COPIES: [*drill(KILLED), *drill(FROZEN), *drill(STOPPED, stopped)]}
        for samples in (by_redis, by_database):
            verdict = SessionsStopWithTheirStore().judge(samples)
            assert (verdict.kind, f"{', '.join(stopped)} stopped" in verdict.because) == (Kind.HOLDS, True)


@pytest.mark.parametrize("beside", [REFRESH, LOGIN])
def test_sessions_that_stop_with_a_refresh_or_a_login_do_not_hold(beside: str) -> None:
    samples = {COPIES: [*drill(KILLED), *drill(FROZEN), *drill(STOPPED, (COPIED, STAFF, beside))]}
    verdict = SessionsStopWithTheirStore().judge(samples)
    assert verdict.kind is Kind.DEPENDS
    assert verdict.rule == (
        "Who stopped: Redis killed, back empty: nobody; Redis frozen, back as it was: nobody; "
        f"database stopped: session, session of staff, {beside}."
    )


@pytest.mark.parametrize("stopped", [(REFRESH,), (LOGIN,), (TOKEN,), (COPIED, TOKEN)])
def test_access_tokens_that_stop_or_sessions_that_do_not_refute(stopped: tuple[str, ...]) -> None:
    samples = {COPIES: [*drill(KILLED, stopped), *drill(FROZEN)]}
    verdict = SessionsStopWithTheirStore().judge(samples)
    assert (verdict.kind, f"{', '.join(stopped)} stopped" in verdict.because) == (Kind.REFUTED, True)


@pytest.mark.parametrize("caller", [COPIED, TOKEN, REFRESH, LOGIN])
def test_whoever_was_let_in_late_decides_nothing(caller: str) -> None:
    verdict = judged(FROZEN, caller, AWAY, longest_ms=1100.0)
    assert (verdict.kind, "outlasts every wait" in verdict.needs) == (Kind.INCONCLUSIVE, True)
    assert f"{caller} let in late (20 times 200, longest wait 1100 ms)" in verdict.because


def test_a_store_that_nobody_needs_refutes() -> None:
    samples = {COPIES: [*drill(KILLED), *drill(FROZEN), *drill(STOPPED)]}
    verdict = SessionsStopWithTheirStore().judge(samples)
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.startswith("Nobody noticed that a store was away. Redis killed")


def test_one_answer_lost_to_a_stale_connection_is_no_outage() -> None:
    plain = judged(KILLED, COPIED, AWAY)
    for served in (3, 19):
        answers = (("200", served), ("500 server_error", 1))
        assert judged(KILLED, COPIED, AWAY, accepted=served, answers=answers).rule == plain.rule
    none = judged(KILLED, COPIED, AWAY, accepted=0, answers=(("500 server_error", 1),))
    assert "Redis killed, back empty: session;" in none.rule


def test_an_ended_login_that_is_let_in_refutes() -> None:
    verdict = judged(KILLED, ENDED[1], AWAY, accepted=3, refused=17)
    assert (verdict.kind, "token ended before was let in 3 of 20 times" in verdict.because) == (
        Kind.REFUTED,
        True,
    )


def test_a_mark_lost_with_redis_is_counted_and_has_its_bound() -> None:
    verdict = judged(FROZEN, MEANWHILE[0], AFTER, accepted=15, refused=5, accepted_until=58.0, seconds=66.0)
    assert verdict.kind is Kind.DEPENDS
    assert (
        "; the session ended meanwhile was let in again 15 of 20 times, for 58 s. Database" in verdict.because
    )
    assert "watched here for 66 s" in verdict.doubts[1]
    for one, until in ((FROZEN, 66.0), (KILLED, 1.0)):
        verdict = judged(one, MEANWHILE[0], AFTER, accepted=15, refused=5, accepted_until=until)
        assert (verdict.kind, "ended meanwhile was let in" in verdict.because) == (Kind.REFUTED, True)


def test_a_living_login_that_is_lost_refutes() -> None:
    assert judged(KILLED, COPIED, AFTER, accepted=5, refused=15).kind is Kind.REFUTED
    verdict = judged(STOPPED, REFRESH, AFTER, accepted=0, answers=(("503 unavailable", 20),))
    assert (verdict.kind, verdict.because) == (
        Kind.REFUTED,
        "database stopped: refresh token did not work again within 10 s: 20 times 503 unavailable.",
    )


def test_one_that_works_again_after_a_while_has_lost_nothing() -> None:
    answers = (("503 unavailable", 19), ("200", 1))
    assert judged(STOPPED, REFRESH, AFTER, accepted=1, answers=answers).kind is Kind.DEPENDS


def test_what_was_under_way_when_the_store_went_is_told_apart_and_decides_nothing() -> None:
    samples = held()
    met = replace(
        felt(STOPPED, STAFF, UNDER_WAY, A, 3), answers=(("200", 2), ("503 unavailable", 1)), accepted=2
    )
    samples[COPIES].append(met)
    verdict = SessionsStopWithTheirStore().judge(samples)
    assert verdict.kind is Kind.DEPENDS
    told = next(figure for figure in verdict.figures if "under way as it went or came" in figure.name)
    assert (told.value, told.n, told.note) == (2, 3, "2 times 200, once 503 unavailable")


def test_a_dead_server_is_no_outage_of_its_store() -> None:
    verdict = judged(KILLED, COPIED, AWAY, answers=(("no answer (ConnectionRefusedError)", 20),), accepted=0)
    assert (verdict.kind, "server itself was gone" in verdict.because) == (Kind.BROKEN, True)


def test_without_controls_nothing_is_proved() -> None:
    assert judged(KILLED, COPIED, BEFORE, accepted=19).kind is Kind.BROKEN
    assert judged(KILLED, ENDED[0], BEFORE, refused=0, accepted=20).kind is Kind.BROKEN
    assert SessionsStopWithTheirStore().judge({}).kind is Kind.BROKEN
    assert SessionsStopWithTheirStore().judge({COPIES: drill(KILLED)[3:]}).kind is Kind.BROKEN
