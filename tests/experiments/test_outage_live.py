"""Real stores taken away under load, and planted faults that have to turn the verdict."""

from dataclasses import replace

import pytest

from authcompare.experiments.claim import Arm
from authcompare.experiments.claims.outage import ASKED, COPIES, SessionsStopWithTheirStore
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.aftermath import FROZEN, KILLED
from authcompare.experiments.scenes.asking import Felt
from authcompare.experiments.scenes.drills import Drill
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.test_faults_live import Faulty, arm_of
from tests.experiments.test_outage_judge import drill, held
from tests.experiments.visiting import SLOW, decided, visited

claim = SessionsStopWithTheirStore()


def longer(name: str) -> Arm:
    """The store is away as long as in a full run: every wait is judged as a share of that."""
    arm, quick = arm_of(claim, name, quick=False), arm_of(claim, COPIES).parameters
    pace = {"every": quick["every"], "linger": quick["linger"]}
    return replace(arm, parameters={**arm.parameters, **pace})


@pytest.mark.usefixtures("postgresql")
def test_nothing_is_lost_whichever_store_is_away(faulty: Faulty) -> None:
    """One late answer, and Redis is not asked for a second: half of that in which the database is away."""
    fleet, slow = faulty("waits_a_second_for_redis"), {**SLOW, Kind.INCONCLUSIVE: "let in late"}
    (verdict,) = decided(lambda: [claim.judge({**held(), **visited(fleet, claim, [longer(COPIES)])})], slow)
    assert verdict.kind is Kind.DEPENDS, verdict.because
    served = [
        figure for figure in verdict.figures if figure.name.startswith("Redis") and "served" in figure.name
    ]
    assert all(figure.value == figure.n for figure in served)


@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize(("fault", "kind"), [("believed_without_its_row", Kind.REFUTED), ("", Kind.DEPENDS)])
def test_a_token_that_is_believed_without_its_row_turns_the_verdict(
    fleet: Fleet, faulty: Faulty, fault: str, kind: Kind
) -> None:
    where = faulty(fault) if fault else fleet
    (verdict,) = decided(lambda: [claim.judge({**held(), **visited(where, claim, [longer(ASKED)])})])
    assert verdict.kind is kind, verdict.because
    assert ("token ended before was let in" in verdict.because) is bool(fault)


def felt(fleet: Fleet, one: Drill) -> list[Felt]:
    """One drill, on SQLite."""
    arm = longer(COPIES)
    (site,) = fleet.start([replace(arm.deployment, database="sqlite")])
    try:
        return claim.visit(
            replace(arm, parameters={**arm.parameters, "drills": [one.name]}), site, Transcript()
        )
    finally:
        fleet.end()


def test_an_end_that_is_forgotten_while_redis_is_away_turns_the_verdict(faulty: Faulty) -> None:
    fleet = faulty("marks_believed_away")
    (verdict,) = decided(lambda: [claim.judge({COPIES: felt(fleet, KILLED) + drill(FROZEN)})])
    assert (verdict.kind, "ended" in verdict.because) == (Kind.REFUTED, True)
    assert "was let in" in verdict.because


def test_requests_that_wait_for_a_frozen_redis_turn_the_verdict(faulty: Faulty) -> None:
    fleet, decides = faulty("waits_for_redis"), held()

    def judged(frozen: list[Felt]) -> Verdict:
        others = [one for one in decides[COPIES] if one.drill != FROZEN.name]
        return claim.judge({**decides, COPIES: [*others, *frozen]})

    assert judged(drill(FROZEN)).kind is Kind.DEPENDS
    (verdict,) = decided(lambda: [judged(felt(fleet, FROZEN))])
    assert (verdict.kind, "let in late" in verdict.because) == (Kind.INCONCLUSIVE, True)
