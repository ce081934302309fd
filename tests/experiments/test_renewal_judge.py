"""The row on renewal: every verdict it can give, from canned trials."""

import json
from dataclasses import replace
from itertools import count

import pytest

from authcompare.experiments.claims.renewal import GRACE, NO_GRACE, ON_POSTGRES, RefreshLogsHonestClientsOut
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site
from authcompare.experiments.exchanges.refusal import PROBLEM
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.scenes import renewing
from authcompare.experiments.scenes.laptop import TABS
from authcompare.experiments.scenes.renewing import (
    AGAIN,
    EXPIRED,
    LATE,
    LOST,
    PARALLEL,
    REPLAYED,
    SLIDES,
    TICKS,
    WAKE,
    Amounts,
    Bench,
    Trial,
)
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.pretended import NOBODY

STOLEN = [Trial(REPLAYED, 3, 0, 3, "", 3, 0), Trial(LATE, 3, 0, 3, "", 3, 0)]
BESIDE = [
    Trial(EXPIRED, 1, 0, 1, "", 0, 0),
    Trial(AGAIN, 2, 2, 0, "", 0, 0),
    Trial(SLIDES, 1, 1, 0, "", 0, 0),
]
WITH = [Trial(PARALLEL, 1, 80, 0, "", 0, 1), Trial(LOST, 3, 3, 0, "", 0, 1), Trial(WAKE, 3, 96, 0, "", 0, 0)]
WITHOUT = [
    Trial(PARALLEL, 1, 2, 39, "", 1, 1),
    Trial(LOST, 3, 0, 3, "", 3, 1),
    Trial(WAKE, 3, 3, 93, "", 3, 0),
]
REFUSAL = Answer(
    f"HTTP/1.1 401 X\r\nWWW-Authenticate: Bearer x\r\nContent-Type: {PROBLEM}".encode(),
    b'{"type": "invalid_token"}',
)
SAMPLES = {GRACE: [*WITH, *STOLEN, *BESIDE], NO_GRACE: [*WITHOUT, *STOLEN, *BESIDE]}


def given(token: str) -> Answer:
    """A new refresh token."""
    return Answer(b"HTTP/1.1 200 X", json.dumps({"refresh": token}).encode())


def judged(name: str, arm: str = GRACE, **changed: object) -> Verdict:
    """The verdict where one trial came out otherwise."""
    samples = {**SAMPLES, arm: [replace(one, **changed) if one.name == name else one for one in SAMPLES[arm]]}  # type: ignore[arg-type]
    return RefreshLogsHonestClientsOut().judge(samples)


def test_it_depends_on_the_grace() -> None:
    verdict = RefreshLogsHonestClientsOut().judge(SAMPLES)
    assert verdict.kind is Kind.DEPENDS
    assert "With a grace 0 of 7 honest logins were ended by 179 refreshes" in verdict.because
    assert "without one, the answer lost, asked again: 3 of 3 refused, 3 of 3 logins ended" in verdict.because
    decision = verdict.decisions["C49"]
    assert decision.kind is Kind.DEPENDS
    assert "1 of 1 refused when its time was over" in decision.because
    assert "a refresh token (96 of 96 accepted) or logging in again (2 of 2 accepted)" in decision.because
    assert "A session of the same age needed neither (1 of 1 accepted)" in decision.because
    assert "nobody who asks again within those seconds" in verdict.rule
    assert "On SQLite" in verdict.doubts[0]


def test_repeated_on_postgresql_it_has_a_doubt_less() -> None:
    assert RefreshLogsHonestClientsOut().judge({**SAMPLES, ON_POSTGRES: SAMPLES[GRACE]}).doubts == ()


@pytest.mark.parametrize(
    ("logins", "bound"), [(3, ""), (9, ""), (10, "; at most 26% of logins end, at 95 %")]
)
def test_what_was_not_seen_is_bounded_by_logins_where_there_are_enough(logins: int, bound: str) -> None:
    figure = judged(PARALLEL, logins=logins).figures[0]
    assert (figure.text, figure.n) == (f"0 of {logins}", logins)
    assert figure.note == f"80 accepted, 0 refused; at most 1 successor of one token{bound}"


@pytest.mark.parametrize("name", [PARALLEL, LOST, WAKE])
def test_an_honest_login_that_is_ended_in_spite_of_the_grace_holds(name: str) -> None:
    verdict = judged(name, ended=1, refused=1)
    assert (verdict.kind, name in verdict.because) == (Kind.HOLDS, True)


@pytest.mark.parametrize("name", [PARALLEL, LOST, WAKE])
def test_an_honest_refresh_that_is_refused_has_ended_no_login(name: str) -> None:
    verdict = judged(name, refused=1)
    assert verdict.kind is Kind.DEPENDS
    assert verdict.because.startswith(f"Honest refreshes were refused in spite of the grace: {name}: 1 of ")
    assert "at the server every login lived on" in verdict.rule


def test_several_lineages_refute() -> None:
    verdict = judged(PARALLEL, successors=3)
    assert (verdict.kind, "gave 3 different successors" in verdict.because) == (Kind.REFUTED, True)


@pytest.mark.parametrize("name", [REPLAYED, LATE])
@pytest.mark.parametrize("changed", [{"accepted": 3, "refused": 0, "ended": 0}, {"ended": 2}])
def test_a_thief_who_is_not_noticed_refutes(name: str, changed: dict[str, int]) -> None:
    verdict = judged(name, **changed)
    assert (verdict.kind, "Rotation protects nothing here" in verdict.because) == (Kind.REFUTED, True)


def test_an_access_token_that_outlives_its_expiry_refutes() -> None:
    assert judged(EXPIRED, accepted=1, refused=0).kind is Kind.REFUTED


def test_no_harm_even_without_a_grace_refutes() -> None:
    samples = {**SAMPLES, NO_GRACE: SAMPLES[GRACE]}
    assert RefreshLogsHonestClientsOut().judge(samples).kind is Kind.REFUTED


def test_errors_and_a_slow_machine_are_broken() -> None:
    assert judged(PARALLEL, odd="429 throttled").kind is Kind.BROKEN
    verdict = judged(WAKE, odd="a machine that is too slow (5.0 s, where 2 s are the limit)")
    assert "where 2 s are the limit) is neither acceptance nor refusal" in verdict.because


def test_controls_have_to_work() -> None:
    assert judged(AGAIN, accepted=1, refused=1).kind is Kind.BROKEN
    assert judged(SLIDES, accepted=0, refused=1).kind is Kind.BROKEN


def test_what_was_not_tried_is_broken() -> None:
    assert RefreshLogsHonestClientsOut().judge({}).kind is Kind.BROKEN
    assert RefreshLogsHonestClientsOut().judge({**SAMPLES, GRACE: WITH}).kind is Kind.BROKEN


class RefusedOnce:
    """A client whose first refresh is refused; whoever asks again is given a new pair."""

    connection = Connection(NOBODY)
    refresh_token = "first"

    def __init__(self) -> None:
        self.asked = count(1)

    def at(self, connection: Connection) -> "RefusedOnce":
        return self

    def refresh(self, token: str = "", note: str = "") -> Answer:
        return REFUSAL if (number := next(self.asked)) == 1 else given(f"token {number}")


def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(renewing, "logged_in", lambda *who: RefusedOnce())
    settings = {"TOKEN_REFRESH_GRACE_SECONDS": "0", "TOKEN_ACCESS_SECONDS": "10"}
    site = Site(Deployment("once", settings), (NOBODY,), "alice", "password")
    return Bench(site, Amounts(1, 1, logins=1, laptops=1), Transcript())


def test_a_tab_that_is_refused_once_is_counted_though_it_is_let_in_when_it_asks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trial = bench(monkeypatch).wake()
    assert (trial.refused, trial.accepted, trial.ended) == (1, 2 * TICKS * TABS - 1, 0)


def test_an_answer_that_was_a_refusal_has_not_got_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Broken, match="a control was answered 401 invalid_token"):
        bench(monkeypatch).lost()
