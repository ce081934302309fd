"""Refreshes at two real instances, and planted faults that have to turn the verdict."""

import pytest

from authcompare.experiments.claims.renewal import GRACE, RefreshLogsHonestClientsOut
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.renewing import Amounts, Bench
from authcompare.experiments.verdict import Kind
from tests.experiments.test_faults_live import Faulty, arm_of, visited
from tests.experiments.test_renewal_judge import SAMPLES

claim = RefreshLogsHonestClientsOut()


def test_the_product_ends_no_honest_login_and_every_replayed_one(fleet: Fleet) -> None:
    verdict = claim.judge({**SAMPLES, GRACE: visited(fleet, claim, GRACE)})
    assert verdict.kind is Kind.DEPENDS, verdict.because


@pytest.mark.parametrize(
    ("fault", "trial", "kind", "said"),
    [
        ("rotation_races", "parallel", Kind.REFUTED, "different successors"),
        ("grace_for_all", "late", Kind.REFUTED, "was accepted 3 times and ended 0 of 3 logins"),
        ("grace_for_nobody", "lost", Kind.HOLDS, "3 of 3 refused, 3 of 3 logins ended"),
    ],
)
def test_a_rotation_with_a_fault_turns_the_verdict(
    faulty: Faulty, fault: str, trial: str, kind: Kind, said: str
) -> None:
    arm = arm_of(claim, GRACE)
    fleet = faulty(fault)
    (site,) = fleet.start([arm.deployment])
    found = getattr(Bench(site, Amounts(**arm.parameters), Transcript()), trial)()
    fleet.end()
    rest = [one for one in SAMPLES[GRACE] if one.name != found.name]
    verdict = claim.judge({**SAMPLES, GRACE: [*rest, found]})
    assert (verdict.kind, said in verdict.because) == (kind, True), verdict.because
