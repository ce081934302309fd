"""Planted faults on live servers: each has to turn the verdict, and the product itself must not."""

from collections.abc import Callable
from typing import Any

import pytest

from authcompare.experiments.claim import Arm, Claim, Probe
from authcompare.experiments.claims.revocation import Revocation
from authcompare.experiments.claims.tampering import Tampering
from authcompare.experiments.deployments.deployment import Broken, Deployment
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind
from tests.experiments.canned import revoked
from tests.experiments.test_tampering_judge import REFUSED

Faulty = Callable[[str], Fleet]


def arm_of(claim: Claim[Any], name: str, quick: bool = True) -> Arm:
    return next(arm for arm in claim.arms(quick) if arm.name == name)


def visited(fleet: Fleet, claim: Probe[Any], name: str) -> list[Any]:
    """What one arm really does."""
    arm = arm_of(claim, name)
    (site,) = fleet.start([arm.deployment])
    try:
        return claim.visit(arm, site, Transcript())
    finally:
        fleet.end()


UNCHECKED, CHECKED, SESSION = "tokens, none, ES256", "tokens, database, EdDSA", "sessions, database"


@pytest.mark.parametrize(
    ("fault", "arm", "let_in"),
    [
        ("exp_skipped", UNCHECKED, "expired a minute ago"),
        ("aud_ignored", UNCHECKED, "another audience"),
        ("typ_ignored", CHECKED, "the refresh token as an access token"),
        ("signature_skipped", CHECKED, "one bit of the signature flipped"),
        ("session_key_adopted", SESSION, "brought along to a login (fixation)"),
    ],
)
def test_a_verification_that_leaves_something_out_turns_tampering(
    faulty: Faulty, fault: str, arm: str, let_in: str
) -> None:
    verdict = Tampering().judge({**REFUSED, arm: visited(faulty(fault), Tampering(), arm)})
    assert verdict.kind is Kind.REFUTED
    assert let_in in verdict.because


def test_the_product_refuses_every_forgery(fleet: Fleet) -> None:
    samples = {name: visited(fleet, Tampering(), name) for name in (SESSION, UNCHECKED)}
    assert Tampering().judge(samples).kind is Kind.HOLDS


def test_a_logout_that_forgets_turns_revocation(faulty: Faulty) -> None:
    name = "sessions, database"
    samples = {**revoked(), name: visited(faulty("logout_forgets"), Revocation(), name)}
    verdict = Revocation().judge(samples)
    assert (verdict.kind, verdict.doubts) == (Kind.REFUTED, ())
    assert verdict.because.startswith("sessions, database, logout: let in to the end of the watch")


def test_a_mark_that_is_not_written_turns_revocation(faulty: Faulty) -> None:
    name = "sessions, cached"
    samples = {**revoked(), name: visited(faulty("mark_not_written"), Revocation(), name)}
    verdict = Revocation().judge(samples)
    assert verdict.kind is Kind.REFUTED
    assert "let in to the end of the watch" in verdict.because


def test_settings_that_are_not_live_are_broken(faulty: Faulty) -> None:
    with pytest.raises(Broken, match="TOKEN_CHECK is 'none', asked for 'database'"):
        faulty("settings_not_live").start([Deployment("frozen", {"TOKEN_CHECK": "database"})])


@pytest.mark.parametrize("fault", ["database_of_its_own", "redis_of_its_own"])
def test_a_server_that_keeps_things_elsewhere_is_broken(faulty: Faulty, fault: str) -> None:
    with pytest.raises(Broken, match="astray uses another database or another Redis than"):
        faulty(fault).start([Deployment("astray", {"SESSION_STORE": "cached"})])
