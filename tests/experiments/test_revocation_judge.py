"""From watched ends to a verdict: every verdict the judge can give, and what must not fool it."""

from dataclasses import replace
from threading import Event

import pytest

from authcompare.experiments.claims.revocation import EVERYWHERE, FROZEN, NOTHING_STREAMS, Revocation
from authcompare.experiments.clients import SessionClient
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.scenes import ending
from authcompare.experiments.scenes.ending import CAUSES, Renewal
from authcompare.experiments.scenes.watching import Poll, Watch
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import A, B, R, ended, revoked, watch
from tests.experiments.pretended import NOBODY

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
        "C15": Kind.HOLDS,
        "C35": Kind.DEPENDS,
    }
    assert set(verdict.decisions) == set(Revocation.decides)


def test_zero_of_n_is_printed_with_the_bound_of_what_was_repeated() -> None:
    figure = Revocation().judge(revoked()).figures[0]
    assert (figure.value, figure.unit, figure.n) == (0, "of 200", 20)
    assert figure.note == "20 ends; at most 14% of ends, at 95 %"


def test_how_long_many_logins_took_to_end_is_told() -> None:
    figures = {figure.name: figure for figure in Revocation().judge(revoked()).figures}
    figure = figures[f"{EVERYWHERE}: 10 token logins, showings let in"]
    assert (figure.text, figure.n, figure.note) == ("0 of 20", 10, "the end was answered after 12 ms")


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


def test_a_worker_that_answers_late_turns_nothing() -> None:
    sweeps = [Poll(sweep + at, worker, R) for sweep in range(10) for worker, at in enumerate((0.0, 0.1, 0.2))]
    verdict, alike = judged(SESSIONS, "logout", watch=Watch(tuple(sweeps))), Revocation().judge(revoked())
    assert (verdict.kind, verdict.rule) == (alike.kind, alike.rule)
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        name: one.kind for name, one in alike.decisions.items()
    }


def test_a_copy_that_lives_on_refutes() -> None:
    verdict = judged(CHECKED, "deactivation", watch=watch(A, A, A, R, R))
    assert (verdict.kind, "for 0.30 s" in verdict.because) == (Kind.REFUTED, True)


def test_refused_and_then_let_in_again_is_caught() -> None:
    verdict = judged(SESSIONS, "password change", watch=watch(R, R, A, R))
    assert (verdict.kind, "let in again" in verdict.because) == (Kind.REFUTED, True)


@pytest.mark.parametrize("forgetful", range(4))
def test_one_worker_that_remembers_is_caught(forgetful: int) -> None:
    polls = [
        Poll(sweep + worker / 10, worker, A if worker == forgetful else R)
        for sweep in range(5)
        for worker in range(4)
    ]
    verdict = judged(CHECKED, "logout", watch=Watch(tuple(polls)))
    assert (verdict.kind, "to the end of the watch (5 of 20" in verdict.because) == (Kind.REFUTED, True)


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
    for absent in ("sessions", "tokens, d", "tokens, none", EVERYWHERE):
        some = {name: one for name, one in revoked().items() if not name.startswith(absent)}
        verdict = Revocation().judge(some)
        assert (verdict.kind, verdict.because[:3]) == (Kind.BROKEN, "Not"), absent


def test_a_short_watch_says_what_it_could_not_see() -> None:
    assert "a full run outlasts it" in Revocation().judge(revoked()).doubts[0]
    long = Watch(tuple(Poll(at, 0, Outcome.REFUSED) for at in (0.0, 60.0, 121.0)))
    samples = revoked()
    for name in (SESSIONS, "sessions, cached", "tokens, database", CHECKED):
        samples[name] = [replace(one, watch=long) for one in samples[name]]
    assert Revocation().judge(samples).doubts == (FROZEN, NOTHING_STREAMS)


def test_each_common_claim_is_decided_by_what_it_is_about() -> None:
    samples = revoked()
    samples[CHECKED] = [replace(one, watch=watch(*[R] * 20)) for one in samples[CHECKED]]
    said = {name: one.because for name, one in Revocation().judge(samples).decisions.items()}
    assert "0 of 100 showings of sessions after the end were let in" in said["C07"]
    assert "everywhere at once, up to 10 sessions of one user: 0 of 22." in said["C07"]
    assert said["C15"].startswith("0 of 100 showings of sessions after the end were let in")
    assert "(0 of 150 showings of them after the end)" in said["C15"]
    assert "only the refresh token ends at once (30 of 30 refused)" in said["C35"]


def test_how_often_each_worker_was_asked_is_said_where_at_once_is_claimed() -> None:
    samples = revoked()
    polls = (Poll(0.4, 0, R), Poll(0.7, 1, R), Poll(2.0, 0, R), Poll(2.2, 1, R))
    samples[SESSIONS] = [replace(one, watch=Watch(polls)) for one in samples[SESSIONS]]
    verdict = Revocation().judge(samples)
    words = "each worker asked within 0.70 s of the end's answer, then at most 1.60 s apart"
    assert words in verdict.because
    assert words in verdict.decisions["C07"].because


@pytest.mark.parametrize("arm", [f"{EVERYWHERE}, sessions", f"{EVERYWHERE}, tokens"])
def test_a_login_that_outlives_signing_out_everywhere_refutes(arm: str) -> None:
    def signed_out(**changed: object) -> Verdict:
        samples = revoked()
        samples[arm][-1] = replace(samples[arm][-1], **changed)  # type: ignore[arg-type]
        return Revocation().judge(samples)

    verdict = signed_out(accepted=1)
    assert (verdict.kind, "let in 1 of 20 times" in verdict.because) == (Kind.REFUTED, True)
    assert "503 is neither acceptance nor refusal" in signed_out(odd="503").because
    assert signed_out(before=False).kind is signed_out(stayed=False).kind is Kind.BROKEN


def test_the_watch_begins_when_the_end_has_been_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, began = [100.0], list[float]()
    monkeypatch.setattr(ending.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(ending, "logged_in", lambda *who: None)

    class Slow:
        """Ends logins, and takes its time; meanwhile the copy is let in."""

        site = Site(Deployment("slow"), (NOBODY,), "", "", stop=Event())
        transcript, partner = Transcript(), None
        victim = watchers = property(lambda self: self)

        def log_in_victim(self) -> SessionClient:
            return SessionClient(NOBODY)

        def freshen_partner(self) -> None: ...

        def ask_all(self, *who: object) -> list[Answer]:
            return [Answer(b"HTTP/1.1 200 X")]

        def logout(self) -> Answer:
            clock[0] += 2.5
            return Answer(b"HTTP/1.1 204 X")

        def watch(self, client: object, since: float, *how: object) -> Watch:
            began.append(since)
            return watch(R)

    arm = next(one for one in Revocation().arms(quick=True) if one.name == SESSIONS)
    ending.end_and_watch("logout", arm, Slow())  # type: ignore[arg-type]
    assert began == [102.5]
