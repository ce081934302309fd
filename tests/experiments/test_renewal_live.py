"""Refreshes at two real instances, and planted faults that have to turn the verdict."""

import time
from dataclasses import replace

import pytest

from authcompare.experiments.claims.renewal import GRACE, ON_POSTGRES, RefreshLogsHonestClientsOut
from authcompare.experiments.clients import TokenClient
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes import renewing
from authcompare.experiments.scenes.renewing import Amounts, Bench, Trial
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.test_faults_live import Faulty, arm_of, visited
from tests.experiments.test_renewal_judge import SAMPLES
from tests.experiments.visiting import decided

claim = RefreshLogsHonestClientsOut()


def test_the_product_ends_no_honest_login_and_every_replayed_one(fleet: Fleet) -> None:
    (verdict,) = decided(lambda: [claim.judge({**SAMPLES, GRACE: visited(fleet, claim, GRACE)})])
    assert verdict.kind is Kind.DEPENDS, verdict.because


def with_one_of(fleet: Fleet, trial: str, database: str = "sqlite", **amounts: int) -> list[Trial]:
    """All trials as the product does, but for one, which is done there."""
    arm = arm_of(claim, GRACE)
    (site,) = fleet.start([replace(arm.deployment, database=database)])
    found: Trial = getattr(Bench(site, Amounts(**{**arm.parameters, **amounts}), Transcript()), trial)()
    fleet.end()
    return [*(one for one in SAMPLES[GRACE] if one.name != found.name), found]


@pytest.mark.parametrize(
    ("fault", "trial", "kind", "said"),
    [
        ("rotation_races", "parallel", Kind.REFUTED, "different successors"),
        ("grace_for_all", "late", Kind.REFUTED, "was accepted 3 times and ended 0 of 3 logins"),
        ("grace_for_grandparents", "replayed", Kind.REFUTED, "was accepted 3 times and ended 0 of 3 logins"),
        ("grace_for_nobody", "lost", Kind.HOLDS, "3 of 3 refused, 3 of 3 logins ended"),
    ],
)
def test_a_rotation_with_a_fault_turns_the_verdict(
    faulty: Faulty, fault: str, trial: str, kind: Kind, said: str
) -> None:
    planted = faulty(fault)
    (verdict,) = decided(lambda: [claim.judge({**SAMPLES, GRACE: with_one_of(planted, trial)})])
    assert (verdict.kind, said in verdict.because) == (kind, True), verdict.because


def test_an_old_token_that_a_stalled_machine_shows_after_the_grace_is_not_tried(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied, settings = renewing._copy, arm_of(claim, GRACE).deployment.environment

    def stalled(client: TokenClient) -> TokenClient:
        time.sleep(int(settings["TOKEN_REFRESH_GRACE_SECONDS"]))
        return copied(client)

    monkeypatch.setattr(renewing, "_copy", stalled)
    verdict = claim.judge({**SAMPLES, GRACE: with_one_of(fleet, "replayed", logins=1)})
    assert (verdict.kind, "too slow" in verdict.because) == (Kind.BROKEN, True), verdict.because


@pytest.mark.usefixtures("postgresql")
def test_where_nothing_keeps_writers_apart_who_rotates_is_decided_once(fleet: Fleet, faulty: Faulty) -> None:
    """SQLite lets one write at a time, and so does by itself what a rotation has to see to."""

    fleets = (fleet, faulty("rotation_races"))

    def judged() -> list[Verdict]:
        racing = [with_one_of(one, "parallel", "postgresql", parallel=8) for one in fleets]
        return [claim.judge({**SAMPLES, ON_POSTGRES: trials}) for trials in racing]

    product, planted = decided(judged)
    assert product.kind is Kind.DEPENDS, product.because
    assert (planted.kind, "different successors" in planted.because) == (Kind.REFUTED, True)
