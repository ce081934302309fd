"""A deployment that already runs: held to what it says that it promises, and left as it was found."""

from collections.abc import Callable

import pytest

from authcompare.experiments.claims.tampering import Tampering
from authcompare.experiments.clients import CLIENTS, logged_in
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.frame import Frame
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.runs import Finished
from authcompare.experiments.verdict import Kind
from tests.experiments.pretended import Silent


def running(fleet: Fleet, check: str) -> Site:
    (site,) = fleet.start([Deployment("running", {"TOKEN_CHECK": check, "SESSION_STORE": "cached"})])
    return site


def tried(fleet: Fleet, site: Site) -> Finished:
    return Frame(fleet, quick=True, seed=1, progress=Silent()).run_against(Tampering(), site)


def logins(site: Site) -> set[str]:
    """All of the user's that are open, but those that ask."""
    found = set()
    for scheme in CLIENTS:
        asker = logged_in(scheme, site.doors[0], site.username, site.password)
        found |= {one["id"] for one in asker.active().json if not one["current"]}
        asker.logout()
    return found


@pytest.mark.parametrize(
    ("check", "said"),
    [("none", "let in as promised by token at running."), ("denylist", "between accepted controls.")],
)
def test_it_is_held_to_its_own_token_check(fleet: Fleet, check: str, said: str) -> None:
    site = running(fleet, check)
    verdict = tried(fleet, site).verdict
    fleet.end()
    assert (verdict.kind, verdict.because.endswith(said)) == (Kind.HOLDS, True), verdict.because


def test_a_checked_token_that_goes_on_after_its_end_refutes(faulty: Callable[[str], Fleet]) -> None:
    fleet = faulty("mark_not_written")
    verdict = tried(fleet, running(fleet, "denylist")).verdict
    assert verdict.kind is Kind.REFUTED
    assert "token at running: of a login that has ended" in verdict.because


def test_nobody_is_left_logged_in(fleet: Fleet) -> None:
    site = running(fleet, "denylist")
    stays = logged_in("token", site.doors[0], site.username, site.password)
    before = logins(site)
    assert len(tried(fleet, site).transcript.lines) > 50
    assert logins(site) == before != set()
    assert stays.me().status == 200
    fleet.end()
