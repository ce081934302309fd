"""Visits are put together from steps; what is cheaper depends on how long somebody stays and thinks."""

import random
from dataclasses import replace

import pytest

from authcompare.experiments.claims.cycle import KINDS_OF_VISIT, PAIRS, THINKING, Cycle, _rule
from authcompare.experiments.costs.break_even import _turned
from authcompare.experiments.costs.comparison import Outcome
from authcompare.experiments.costs.metering import Used
from authcompare.experiments.costs.visits import (
    COUNTED,
    FIRST,
    LOGIN,
    LOGOUT,
    RENEWAL,
    REQUEST,
    SINGLE,
    TOUCH,
    Costs,
    Step,
    difference,
)
from authcompare.experiments.estimates import Estimate
from authcompare.experiments.verdict import Kind

LAUNCHES, PAIR = 5, "looked up in Redis"
COUNTS = {
    LOGIN: Used(requests=1, sql=12, writes=6, hashing=300),
    FIRST: Used(requests=1, sql=1),
    TOUCH: Used(requests=1, sql=1),
    REQUEST: Used(requests=1, sql=1),
    SINGLE: Used(requests=1, sql=1),
    RENEWAL: Used(requests=2, sql=6, writes=2),
    LOGOUT: Used(requests=1, sql=5, writes=2),
}


def steps(scheme: str, request: float, more: dict[str, float], noise: float = 0.0) -> list[Step]:
    """One scheme, whose requests use so many milliseconds; `more` are its other steps."""
    source = random.Random(scheme)
    cpu = {
        LOGIN: 300.0,
        FIRST: request,
        TOUCH: request,
        REQUEST: request,
        SINGLE: request,
        LOGOUT: 5.0,
        **more,
    }
    touch = {TOUCH: Used(requests=1, sql=3, writes=1)} if more.get(TOUCH) else {}
    counts = {kind: used for kind, used in {**COUNTS, **touch}.items() if kind in cpu}
    counted = [Step(scheme, kind, COUNTED, used) for kind, used in counts.items()]
    timed = [
        Step(scheme, kind, launch, Used(cpu=ms * source.gauss(1, noise)))
        for launch in range(1, LAUNCHES + 1)
        for kind, ms in cpu.items()
    ]
    return counted + timed


def samples(
    session: float, token: float, renewal: float = 5.0, touch: float = 2.0, noise: float = 0.0
) -> dict[str, list[Step]]:
    both = [
        *steps("session", session, {TOUCH: session + touch}, noise),
        *steps("token", token, {RENEWAL: renewal + token}, noise),
    ]
    return dict.fromkeys(PAIRS, both)


@pytest.mark.parametrize(
    ("session", "token", "renewal", "kind"),
    [
        (40.0, 1.0, 1.0, Kind.HOLDS),
        (1.0, 2.0, 9.0, Kind.REFUTED),
        (1.0, 3.0, 9.0, Kind.REFUTED),
        (1.0, 1.0, 5.0, Kind.DEPENDS),
    ],
)
def test_each_verdict_can_be_reached(session: float, token: float, renewal: float, kind: Kind) -> None:
    verdict = Cycle().judge(samples(session, token, renewal))
    assert verdict.kind is kind
    assert bool(verdict.rule) == (kind is Kind.DEPENDS)


def test_noise_decides_nothing_and_what_it_takes_is_told() -> None:
    verdict = Cycle().judge(samples(1.0, 1.0, renewal=9.0, noise=0.9))
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.needs.endswith("processes of each kind")


@pytest.mark.parametrize(("token", "renewal", "noise"), [(0.9, 0.1, 0.1), (0.8, 0.5, 0.15)])
def test_a_few_that_are_decided_do_not_speak_for_the_rest(token: float, renewal: float, noise: float) -> None:
    verdict = Cycle().judge(samples(1.0, token, renewal, touch=renewal, noise=noise))
    assert verdict.kind is Kind.INCONCLUSIVE
    assert "; 20 are not decided." not in verdict.because


SHARED = "while several requests share one access token: "
RENEWED = "where each request needs a renewal, 300 s or more after the one before: "


def test_both_branches_are_told_with_how_many_kinds_of_visit_and_how_much() -> None:
    verdict = Cycle().judge(samples(1.0, 1.0))
    less, more = verdict.rule.split(". They cost more ")
    assert less.startswith(f"After the login, tokens cost less processor time than sessions {SHARED}")
    assert "looked up in Redis in 3 of 6 kinds of visit (-25% to -35%)" in less
    assert more.startswith(f"{RENEWED}looked up in Redis in 3 of 3 kinds of visit (+")
    assert "; 0 are not decided." in verdict.because


def test_what_is_not_decided_is_counted_and_silences_no_other() -> None:
    verdict = Cycle().judge(samples(1.0, 0.9, noise=0.02))
    assert "; 0 are not decided." not in verdict.because
    assert f"They cost more {RENEWED}looked up in Redis in 3 of 3 kinds" in verdict.rule


def found(*shares: float) -> dict[tuple[str, int, int], Estimate]:
    """Visits of ten requests, by pause: what a token uses more."""
    pauses = zip(THINKING, shares, strict=True)
    return {(PAIR, pause, 10): Estimate(share, share, share, 6, 6) for pause, share in pauses}


def test_one_kind_of_visit_has_one_figure_and_where_nothing_is_dearer_the_rest_is_as_dear() -> None:
    cells = found(-0.3, 0.01, 0.02)
    outcomes = dict(zip(cells, (Outcome.FASTER, Outcome.SAME, Outcome.SAME), strict=True))
    assert _rule(cells, outcomes) == (
        f"After the login, tokens cost less processor time than sessions {SHARED}{PAIR} in 1 of 2 kinds of "
        f"visit (-30%). They cost about as much {SHARED}{PAIR} in 1 of 2 kinds of visit (+1%); {RENEWED}"
        f"{PAIR} in 1 of 1 kinds of visit (+2%)."
    )


def test_one_store_that_differs_is_named() -> None:
    some = samples(1.0, 1.0)
    some["looked up in the database"] = samples(1.0, 1.8)["looked up in the database"]
    less, more = Cycle().judge(some).rule.split(". They cost more ")
    assert "looked up in the database" not in less
    assert f"{SHARED}looked up in the database in 5 of 6 kinds of visit (+13% to +76%)" in more


def test_a_single_request_has_no_pauses_and_is_one_kind_of_visit() -> None:
    assert [pause for pause, requests in KINDS_OF_VISIT if requests == 1] == [THINKING[0]]
    assert f"in {len(PAIRS) * len(KINDS_OF_VISIT)} kinds of visit" in Cycle().judge(samples(1.0, 1.0)).because


def test_a_visit_is_made_of_its_steps() -> None:
    found = samples(2.0, 2.0, renewal=7.0, touch=1.0)["looked up in Redis"]
    session, token = Costs.of(found, "session"), Costs.of(found, "token")
    assert token.visit(1, 300).value == 300 + 2 + 5
    assert token.after_login(1000, 1) == pytest.approx([2 * 1000 + 3 * 7 + 5] * LAUNCHES)
    assert session.after_login(1000, 1) == pytest.approx([2 * 1000 + 16 * 1 + 5] * LAUNCHES)
    assert token.after_login(10, 300)[0] == pytest.approx(2 * 10 + 9 * 7 + 5)
    assert token.used(10, 300).requests * 10 == pytest.approx(1 + 10 + 9 + 1)
    assert session.used(10, 300).writes * 10 == pytest.approx(6 + 9 + 2)


def test_a_pause_after_which_nothing_more_is_asked_costs_nothing() -> None:
    found = [
        replace(step, used=Used(cpu=50)) if (step.kind, step.scheme) == (TOUCH, "token") else step
        for step in samples(2.0, 2.0)["looked up in Redis"]
        if step.launch != COUNTED
    ]
    counted = [step for step in samples(2.0, 2.0)["looked up in Redis"] if step.launch == COUNTED]
    assert Costs.of([*counted, *found], "token").after_login(10, 30)[0] == pytest.approx(2 * 10 + 5)


def test_the_break_even_is_told_where_the_intervals_say_so() -> None:
    figures = {figure.name: figure for figure in Cycle().judge(samples(1.0, 0.9, noise=0.001)).figures}
    turn = figures["break-even, 300 s apart, looked up in Redis"]
    assert turn.value == 2
    assert turn.note.endswith("sessions from there on")
    alike = Cycle().judge(samples(1.0, 1.0, touch=0.001, noise=0.05)).figures
    note = next(one.note for one in alike if one.name == "break-even, 1 s apart, looked up in Redis")
    assert note == "neither is seen to be cheaper, in visits of any length"


@pytest.mark.parametrize(
    ("signs", "note"),
    [
        (["tokens"] * 3, "tokens cheaper throughout"),
        (["tokens", "", ""], "tokens cheaper at first; in longer visits neither is seen to be"),
        (["", "sessions", "sessions"], "sessions cheaper where either is seen to be"),
        (["sessions", "", "sessions"], "sessions cheaper where either is seen to be"),
    ],
)
def test_who_is_cheaper_is_said_of_no_visit_in_which_neither_is_seen_to_be(
    signs: list[str], note: str
) -> None:
    assert _turned(signs, first=next(filter(None, signs)), turn=0) == note


def test_what_is_left_of_it_beside_the_login_is_told() -> None:
    verdict = Cycle().judge(samples(1.0, 1.0, renewal=0.5))
    assert " Login included, tokens and sessions differ by less than 10% in 12 of 20. " in verdict.because
    figures = {figure.name: figure.note for figure in verdict.figures}
    single = figures["tokens minus sessions, looked up in Redis: 1 requests, 1 s apart"]
    assert single == "after the login; with it +0.0% (+0.0 to +0.0); n is processes"


def test_every_step_and_visit_has_its_interval_over_processes() -> None:
    verdict = Cycle().judge(samples(1.0, 0.9, noise=0.02))
    figures = [figure for figure in verdict.figures if not figure.name.startswith("break-even")]
    assert all(figure.low is not None and figure.low <= figure.value for figure in figures)
    assert f"{LAUNCHES} processes of each kind" in verdict.doubts[-1]
    found = samples(1.0, 0.9, noise=0.02)["looked up in Redis"]
    share = difference(Costs.of(found, "token"), Costs.of(found, "session"), 10, 30)
    assert share.n == LAUNCHES


def test_a_login_that_checks_or_writes_nothing_refutes_what_people_say_of_it() -> None:
    good = samples(4.0, 2.0)
    decision = Cycle().judge(good).decisions["C06"]
    assert decision.kind is Kind.HOLDS
    assert decision.because.endswith(
        "(sessions: 300 to 300 ms, at most 6 writes; tokens: 300 to 300 ms, at most 6 writes)."
    )
    for change, said in (
        ({"hashing": 0.0}, "no password was checked"),
        ({"writes": 0.0}, "nothing was written"),
    ):
        bad = dict(good)
        bad["looked up in Redis"] = [
            replace(step, used=replace(step.used, **change)) if step.kind == LOGIN else step
            for step in good["looked up in Redis"]
        ]
        decision = Cycle().judge(bad).decisions["C06"]
        assert decision.kind is Kind.REFUTED
        assert said in decision.because


@pytest.mark.parametrize("words", PAIRS)
def test_a_missing_arm_is_broken(words: str) -> None:
    some = samples(4.0, 2.0)
    del some[words]
    assert Cycle().judge(some).because == f"Not measured: {words}."
