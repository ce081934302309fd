"""Visits are put together from steps; what is cheaper depends on how long somebody stays and thinks."""

from dataclasses import replace

import pytest

from authcompare.experiments.claims.cycle import Cycle
from authcompare.experiments.costs.metering import Used
from authcompare.experiments.costs.visits import FIRST, LOGIN, LOGOUT, PAUSE, RENEWAL, REQUEST, Costs, Step
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind
from tests.experiments.visiting import visited

ARMS = [arm.name for arm in Cycle().arms(quick=True)]
PASSWORD = Used(requests=1, sql=12, writes=6, hashing=300, cpu=300)
Samples = dict[str, list[Step]]


def steps(request: float, renewal: float = 0.0, pause: float = 0.0) -> list[Step]:
    """One arm, whose requests use so many milliseconds of processors."""
    one = Used(requests=1, bytes=1500, sql=1, cpu=request)
    found = [Step(LOGIN, PASSWORD), Step(FIRST, one), *[Step(REQUEST, one)] * 8]
    found += [Step(PAUSE, Used(writes=1, cpu=pause)), Step(LOGOUT, Used(requests=1, cpu=5))]
    return [*found, Step(RENEWAL, Used(requests=1, cpu=renewal))] if renewal else found


def samples(session: float, token: float, renewal: float = 5.0) -> Samples:
    return {
        name: steps(session, pause=0.2) if name.startswith("sessions") else steps(token, renewal)
        for name in ARMS
    }


@pytest.mark.parametrize(
    ("session", "token", "renewal", "kind"),
    [
        (40.0, 1.0, 1.0, Kind.HOLDS),
        (1.0, 1.0, 9.0, Kind.REFUTED),
        (1.0, 3.0, 9.0, Kind.REFUTED),
        (4.0, 2.0, 9.0, Kind.DEPENDS),
    ],
)
def test_each_verdict_can_be_reached(session: float, token: float, renewal: float, kind: Kind) -> None:
    assert Cycle().judge(samples(session, token, renewal)).kind is kind


def test_a_visit_is_made_of_its_steps() -> None:
    costs = Costs.of(steps(2.0, renewal=7.0, pause=1.0))
    assert costs.visit(1, 300).cpu == 300 + 2 + 5
    assert costs.after_login(1000, 1).cpu == pytest.approx(2 * 1000 + 16 * 1 + 3 * 7 + 5)
    assert costs.after_login(10, 300).cpu == pytest.approx(2 * 10 + 9 * 1 + 9 * 7 + 5)
    assert costs.after_login(10, 300).requests == 10 + 9 + 1
    assert Costs.of(steps(2.0, pause=1.0)).after_login(10, 300).writes == 9


def test_the_break_even_is_told() -> None:
    verdict = Cycle().judge(samples(4.0, 2.0, renewal=9.0))
    found = {figure.name: figure for figure in verdict.figures}
    turn = found["break-even, 300 s apart, looked up in Redis"]
    assert turn.value == 2
    assert turn.note == "tokens, denylist cheaper at first, sessions, cached from there on"
    assert found["break-even, 1 s apart, looked up in Redis"].value == 0
    assert verdict.rule.startswith(
        "Tokens are cheaper where they are looked up in Redis, requests 1 s apart; "
    )
    assert "looked up in Redis, requests 300 s apart in visits of 1;" in verdict.rule
    assert "of 10 or 100" not in verdict.rule


def test_processors_that_were_not_steady_decide_nothing() -> None:
    shaken = samples(4.0, 2.0)
    shaken["sessions, cached"] += [Step(REQUEST, Used(cpu=ms)) for ms in (1, 2, 6, 7, 8, 9, 10, 11, 12, 13)]
    assert Cycle().judge(shaken).kind is Kind.INCONCLUSIVE


def test_a_login_that_checks_or_writes_nothing_refutes_what_people_say_of_it() -> None:
    good = samples(4.0, 2.0)
    assert Cycle().judge(good).decisions["C06"].kind is Kind.HOLDS
    for change, said in (
        ({"hashing": 0.0}, "no password was checked"),
        ({"writes": 0.0}, "nothing was written"),
    ):
        bad = dict(good)
        bad["sessions, cached"] = [
            replace(step, used=replace(step.used, **change)) if step.kind == LOGIN else step
            for step in good["sessions, cached"]
        ]
        decision = Cycle().judge(bad).decisions["C06"]
        assert decision.kind is Kind.REFUTED
        assert said in decision.because


def test_a_missing_arm_is_broken() -> None:
    some = samples(4.0, 2.0)
    del some["tokens, none"]
    assert Cycle().judge(some).because == "Not measured: tokens, none."


def test_steps_are_counted_on_a_live_server_with_the_real_hasher(fleet: Fleet) -> None:
    claim = Cycle()
    arms = [arm for arm in claim.arms(quick=True) if arm.name == "tokens, none"]
    by_kind = Costs.of(visited(fleet, claim, arms)["tokens, none"]).steps
    assert by_kind[LOGIN].hashing > 20
    assert by_kind[LOGIN].cpu > by_kind[REQUEST].cpu * 10
    assert (by_kind[REQUEST].sql, by_kind[REQUEST].requests) == (0, 1)
    assert (by_kind[RENEWAL].requests, by_kind[RENEWAL].writes) == (1, 2)
    assert by_kind[REQUEST].bytes > 1000
