"""The row on state: every verdict it can give, from canned weights."""

from dataclasses import replace

from authcompare.experiments.claims.state import ServersKeepSessions
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.scenes.keeping import Kept, Point
from authcompare.experiments.verdict import Kind, Verdict

A, R, B = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.BROKEN
MADE = (0, 4, 8, 12)


def points(rows: float = 0, size: float = 0, keys: float = 0, other: float = 1) -> tuple[Point, ...]:
    """So much of everything for each of them, on top of what was there before."""
    return tuple(
        Point(
            made,
            round(rows * made) + 3,
            round(size * made) + 700,
            round(other * made) + 70,
            round(110 * other * made) + 4000,
            round(keys * made) + 1,
            round(500 * keys * made) + 60,
            40_960 + 4096 * (made // 8),
            60_000_000 + 1000 * made,
        )
        for made in MADE
    )


def session(name: str, after: Outcome = R, **each: float) -> Kept:
    return Kept(name, "session", "rows deleted", points(**each), (), A, after, None, (13, 0), A)


def token(name: str, after: Outcome = R, refreshes: tuple[Point, ...] = points(), **each: float) -> Kept:
    listed = (13, 0)
    return Kept(name, "token", "rows deleted", points(**each), refreshes, A, after, R, listed, A)


KEPT = {
    "rows": [session("sessions, database", rows=1, size=491), token("tokens, database", rows=1, size=241)],
    "rows and copies": [
        session("sessions, cached", rows=1, size=491, keys=1),
        token("tokens, denylist", rows=1, size=241),
    ],
    "the process alone": [session("sessions, memory"), token("tokens, none", A, rows=1, size=241)],
}


def judged(arm: str = "rows", place: int = 1, **changed: object) -> Verdict:
    """The verdict where one of them came out otherwise."""
    samples = {name: list(several) for name, several in KEPT.items()}
    samples[arm][place] = replace(samples[arm][place], **changed)  # type: ignore[arg-type]
    return ServersKeepSessions().judge(samples)


def test_it_depends_on_whether_a_token_can_be_refreshed_or_ended() -> None:
    verdict = ServersKeepSessions().judge(KEPT)
    assert verdict.kind is Kind.DEPENDS
    assert "sessions, cached: 1 row and 1 key, 991 bytes" in verdict.because
    assert "sessions, memory: no row, no key, but kept by the process and gone with it" in verdict.because
    assert "something kept for each login, in both schemes: a row, or what a process keeps" in verdict.rule
    assert "memory of a process could not be counted" in verdict.decisions["C01"].because
    assert "refused, too, with: tokens, database; tokens, denylist." in verdict.decisions["C24"].because
    kinds = {name: one.kind for name, one in verdict.decisions.items()}
    assert set(kinds) == set(ServersKeepSessions.decides)
    assert {name for name, kind in kinds.items() if kind is Kind.HOLDS} == {"C01", "C09"}
    assert "after the loss 0 of 3 refresh tokens worked" in verdict.decisions["C16"].because
    assert "13 before, 0 after the loss" in verdict.decisions["C29"].because


def test_trail_and_budget_are_told_apart_from_the_login() -> None:
    figure = ServersKeepSessions().judge(KEPT).figures[0]
    assert (figure.name, figure.value, figure.n) == ("sessions, database: kept per login", 491, 12)
    assert figure.note == "1 row, 0 keys; with trail and budget 2 rows, 601 bytes"


def test_what_a_process_keeps_is_seen_in_its_memory() -> None:
    figures = {figure.name: figure for figure in ServersKeepSessions().judge(KEPT).figures}
    assert figures["sessions, memory: memory of the process per login"].value == 1000


def test_an_allocator_that_takes_megabytes_at_a_step_widens_the_interval_and_decides_nothing() -> None:
    *before, last = points()
    stepped = (*before, replace(last, resident=last.resident + 4_000_000))
    verdict = judged("the process alone", place=0, logins=stepped)
    memory = next(
        figure for figure in verdict.figures if figure.name.endswith("memory of the process per login")
    )
    assert verdict.kind is ServersKeepSessions().judge(KEPT).kind
    assert memory.low is not None
    assert memory.high is not None
    assert memory.low < 0 < 1000 < memory.high


def test_a_growing_trail_and_growing_pages_are_no_growing_login() -> None:
    verdict = judged(refreshes=points(other=5))
    assert (verdict.kind, verdict.decisions["C09"].kind) == (Kind.DEPENDS, Kind.HOLDS)


def test_a_row_for_every_refresh_refutes() -> None:
    verdict = judged(refreshes=points(rows=1, size=241))
    assert verdict.kind is Kind.REFUTED
    assert "tokens, database: 1 rows or keys for each refresh" in verdict.because


def test_a_session_row_of_another_size_holds() -> None:
    verdict = judged(place=0, logins=points(rows=1, size=2500))
    assert verdict.kind is Kind.HOLDS
    assert "sessions, database: 2500 bytes per login, tokens, database: 241" in verdict.because


def test_a_session_that_outlives_the_loss_refutes() -> None:
    verdict = judged(place=0, after=A)
    assert (verdict.kind, "accepted after the server had lost" in verdict.because) == (Kind.REFUTED, True)


def test_an_unchecked_token_that_needs_its_row_refutes() -> None:
    assert judged("the process alone", after=R).kind is Kind.REFUTED


def test_a_login_that_was_no_login_is_broken() -> None:
    assert judged(before=B).kind is Kind.BROKEN
    assert judged(control=R).kind is Kind.BROKEN


def test_a_dead_server_after_the_loss_is_no_refusal() -> None:
    assert judged(after=B).kind is Kind.BROKEN
    assert judged(renewed=B).kind is Kind.BROKEN


def test_logins_of_somebody_else_are_noticed() -> None:
    verdict = judged(logins=points(rows=1.25, size=300))
    assert (verdict.kind, "somebody else logged in" in verdict.because) == (Kind.BROKEN, True)


def test_what_was_not_visited_is_broken() -> None:
    assert ServersKeepSessions().judge({}).kind is Kind.BROKEN
    assert ServersKeepSessions().judge({**KEPT, "rows": KEPT["rows"][:1]}).kind is Kind.BROKEN
