"""From watched ends to a verdict: every verdict the judge can give, and what must not fool it."""

from dataclasses import replace

from authcompare.experiments.claims.revocation import Revocation
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.scenes.ending import CAUSES, Ended, Renewal
from authcompare.experiments.scenes.watching import Poll, Watch
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import A, B, R, ended, revoked, watch

SESSIONS, CHECKED, UNCHECKED = "sessions, database", "tokens, denylist", "tokens, none, 4 s"


def judged(arm: str, cause: str, **changed: object) -> Verdict:
    """The verdict where one of the ends went otherwise."""
    samples = revoked()
    place = list(CAUSES).index(cause)
    samples[arm][place] = replace(samples[arm][place], **changed)  # type: ignore[arg-type]
    return Revocation().judge(samples)


def test_it_depends_on_whether_the_server_is_asked() -> None:
    verdict = Revocation().judge(revoked())
    assert verdict.kind is Kind.DEPENDS
    assert "only verified works until it expires" in verdict.rule
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C07": Kind.HOLDS,
        "C15": Kind.DEPENDS,
        "C35": Kind.DEPENDS,
    }
    assert set(verdict.decisions) == set(Revocation.decides)


def test_zero_of_n_is_printed_with_its_bound() -> None:
    figure = Revocation().judge(revoked()).figures[0]
    assert (figure.value, figure.n) == (0, 200)
    assert figure.note.startswith("at most 1.49%")


def test_the_slope_is_one() -> None:
    slope = Revocation().judge(revoked()).figures[4]
    assert slope.low is not None
    assert slope.high is not None
    assert slope.low <= 1.05
    assert slope.high >= 0.95


def test_a_session_that_survives_its_logout_refutes() -> None:
    verdict = judged(SESSIONS, "logout", watch=watch(*[A] * 20))
    assert verdict.kind is Kind.REFUTED
    assert (
        verdict.because == "sessions, database, logout: let in to the end of the watch (20 of 20 showings)."
    )


def test_a_copy_that_lives_on_refutes() -> None:
    verdict = judged(CHECKED, "deactivation", watch=watch(A, A, A, R, R))
    assert (verdict.kind, "for 0.30 s" in verdict.because) == (Kind.REFUTED, True)


def test_refused_and_then_let_in_again_is_caught() -> None:
    verdict = judged(SESSIONS, "password change", watch=watch(R, R, A, R))
    assert (verdict.kind, "let in again" in verdict.because) == (Kind.REFUTED, True)


def test_one_worker_that_remembers_is_caught() -> None:
    polls = [Poll(at / 10, worker, A if worker == 3 else R) for at in range(5) for worker in range(4)]
    assert judged(CHECKED, "logout", watch=Watch(tuple(polls))).kind is Kind.REFUTED


def test_a_refresh_token_that_goes_on_working_refutes() -> None:
    verdict = judged(UNCHECKED, "logout", renewals=[Renewal(A, "200")])
    assert (verdict.kind, "refresh token went on" in verdict.because) == (Kind.REFUTED, True)


def test_a_refresh_that_was_not_answered_properly_proves_nothing() -> None:
    verdict = judged(CHECKED, "logout", renewals=[Renewal(B, "503 unavailable")])
    assert (verdict.kind, "the refresh was answered 503 unavailable, which" in verdict.because) == (
        Kind.BROKEN,
        True,
    )


def test_a_token_that_outlives_its_expiry_refutes() -> None:
    verdict = judged(UNCHECKED, "logout", left=1.0, watch=watch(*[A] * 25, R))
    assert (verdict.kind, "outlived" in verdict.because) == (Kind.REFUTED, True)


def test_unchecked_tokens_that_end_early_refute() -> None:
    samples = revoked()
    for name in (UNCHECKED, "tokens, none, 6 s"):
        samples[name] = [replace(one, watch=watch(*[R] * 40)) for one in samples[name]]
    assert Revocation().judge(samples).kind is Kind.REFUTED


def test_an_answer_that_was_long_on_its_way_says_little_about_when_it_was_judged() -> None:
    polls = (Poll(0.0, 0, A), Poll(0.2, 0, R))
    assert judged(UNCHECKED, "logout", left=1.5, watch=Watch(polls, 0.3)).kind is Kind.REFUTED
    assert judged(UNCHECKED, "logout", left=1.5, watch=Watch(polls, 1.6)).kind is Kind.DEPENDS


def test_a_dead_server_is_broken_and_not_a_refusal() -> None:
    dead = watch(R, B)
    poll = replace(dead.polls[1], said="no answer (ConnectionRefusedError)")
    verdict = judged(SESSIONS, "logout", watch=Watch((dead.polls[0], poll)))
    assert verdict.kind is Kind.BROKEN
    assert "no answer (ConnectionRefusedError) after 0.10 s is neither" in verdict.because


def test_without_accepted_controls_nothing_is_proved() -> None:
    assert judged(SESSIONS, "logout", controls=False).kind is Kind.BROKEN


def test_tokens_that_expired_before_the_end_are_left_out_and_counted() -> None:
    for left in (0.1, -0.5):
        late = judged(UNCHECKED, "logout", left=left, watch=watch(*[R] * 5))
        assert late.kind is Kind.DEPENDS
        assert late.doubts[-1].startswith("1 of ")


def test_a_machine_too_slow_for_the_shortest_token_is_broken() -> None:
    samples = revoked()
    samples[UNCHECKED] = [replace(one, left=0.1) for one in samples[UNCHECKED]]
    verdict = Revocation().judge(samples)
    assert (verdict.kind, "too slow" in verdict.because) == (Kind.BROKEN, True)


def test_missing_arms_and_causes_are_broken() -> None:
    assert Revocation().judge({}).kind is Kind.BROKEN
    assert Revocation().judge({SESSIONS: [ended("logout")]}).kind is Kind.BROKEN


def test_a_short_watch_says_what_it_could_not_see() -> None:
    assert "which a full run outlasts" in Revocation().judge(revoked()).doubts[0]
    long = Watch(tuple(Poll(at, 0, Outcome.REFUSED) for at in (0.0, 60.0, 121.0)))
    samples = {
        name: [replace(one, watch=long) if not one.promised else one for one in several]
        for name, several in revoked().items()
    }
    assert Revocation().judge(samples).doubts == ()


def test_every_cause_is_ended_once() -> None:
    assert all(isinstance(one, Ended) for several in revoked().values() for one in several)
    assert len(CAUSES) == 5
