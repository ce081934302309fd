"""Ends at several workers, and of several logins at once; planted faults have to turn the verdict."""

from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments.claims.revocation import EVERYWHERE, Revocation
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind
from tests.experiments.canned import revoked
from tests.experiments.test_faults_live import Faulty, arm_of, visited

claim = Revocation()
SESSIONS, TOKENS, CHECKED = f"{EVERYWHERE}, sessions", f"{EVERYWHERE}, tokens", "tokens, denylist"


def everywhere(fleet: Fleet) -> dict[str, list[Any]]:
    """Both kinds of login at one site."""
    arms = [arm_of(claim, SESSIONS), arm_of(claim, TOKENS)]
    (site,) = fleet.start([arms[0].deployment])
    try:
        return {arm.name: claim.visit(arm, site, Transcript()) for arm in arms}
    finally:
        fleet.end()


def test_whoever_signs_out_everywhere_has_ended_every_login(fleet: Fleet) -> None:
    found = everywhere(fleet)
    assert claim.judge({**revoked(), **found}).kind is Kind.DEPENDS
    shown = {name: [(one.logins, one.shown) for one in found[name]] for name in (SESSIONS, TOKENS)}
    assert shown == {SESSIONS: [(1, 2), (10, 20)], TOKENS: [(1, 3), (10, 30)]}


@pytest.mark.parametrize("name", [SESSIONS, TOKENS])
def test_a_login_that_is_spared_is_noticed(faulty: Faulty, name: str) -> None:
    verdict = claim.judge({**revoked(), name: visited(faulty("one_login_spared"), claim, name)})
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.startswith(name.removesuffix("s") + ": let in ")


def test_one_worker_of_four_that_remembers_a_token_is_noticed(faulty: Faulty) -> None:
    arm = arm_of(claim, CHECKED)
    (site,) = faulty("worker_remembers").start([replace(arm.deployment, instances=1, workers=4)])
    found = claim.visit(arm, site, Transcript())
    verdict = claim.judge({**revoked(), CHECKED: found})
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.startswith(f"{CHECKED}, logout: let in to the end of the watch")
    for one in found:
        assert len({poll.worker for poll in one.watch.polls}) == 4
        assert len({poll.worker for poll in one.watch.polls if poll.outcome is Outcome.ACCEPTED}) == 1


def test_what_a_token_has_left_is_not_read_off_a_clock_that_is_ahead(faulty: Faulty) -> None:
    with pytest.raises(Broken, match=r"the server's clock is at least \d+\.\d s ahead"):
        visited(faulty("clock_ahead"), claim, "tokens, none, 4 s")
