"""A second service in a process of its own, and services with planted faults."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.claims.independent_verifier import TokensNeedNoServer
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.independence import Bench, Shown
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.test_faults_live import arm_of, visited
from tests.experiments.test_independent_verifier_judge import AS_DESIGNED, SECRET

claim = TokensNeedNoServer()


def judged(found: list[Shown]) -> Verdict:
    """The rest as designed."""
    seen = {(one.name, one.issuer) for one in found}
    rest = [one for one in AS_DESIGNED if (one.name, one.issuer) not in seen]
    return claim.judge({"ES256": [*rest, *found], "HS256": [SECRET]})


def test_the_product_s_verifier_needs_its_issuer_for_new_keys_only(fleet: Fleet) -> None:
    verdict = claim.judge({name: visited(fleet, claim, name) for name in ("ES256", "HS256")})
    assert (verdict.kind, len(verdict.figures)) == (Kind.DEPENDS, 19)
    assert (
        "(0 of 7 good tokens accepted), and whoever has the secret makes tokens, too (7 of 7" in verdict.rule
    )


def test_services_that_only_look_independent_turn_the_verdict(fleet: Fleet) -> None:
    (site,) = fleet.start([arm_of(claim, "ES256").deployment])

    def bench(fault: str) -> Bench:
        return Bench(site, Transcript(), f"tests.faults.{fault}")

    careless = judged(bench("verifier_ignores_audience").tried())
    settled = judged(bench("verifier_keeps_first_keys").followed())
    dependent = judged(bench("verifier_asks_issuer").while_issuer_is_down())
    site.restart(0)
    remembering = Bench(site, Transcript(), claim.service, "tests.faults.asker_remembers")
    believing = judged([*remembering.asked(), *remembering.while_issuer_is_down()])
    fleet.end()
    assert {one.kind for one in (careless, settled, dependent, believing)} == {Kind.REFUTED}
    assert "a session's cookie, asked about was accepted 30 of 30 times with the issuer down" in (
        believing.because
    )
    assert "a token for another audience was accepted 1 of 1 times" in careless.because
    assert "a token signed with a new key was accepted 0 of 1 times" in settled.because
    assert "a good token was accepted 0 of 300 times with the issuer down" in dependent.because


def test_an_issuer_that_goes_on_answering_is_not_taken_for_one_that_is_down(fleet: Fleet) -> None:
    (site,) = fleet.start([arm_of(claim, "ES256").deployment])
    immortal = replace(site, kill=lambda instance: None)
    with pytest.raises(Broken, match="still answering when it was to be down"):
        Bench(immortal, Transcript(), claim.service).while_issuer_is_down()
    fleet.end()


def test_a_shared_secret_that_is_published_is_noticed(faulty: Callable[[str], Fleet]) -> None:
    published = visited(faulty("secret_published"), claim, "HS256")
    verdict = claim.judge({"ES256": AS_DESIGNED, "HS256": published})
    assert (verdict.kind, verdict.because) == (
        Kind.REFUTED,
        "HS256: its secret is published, 1 in the JWK set.",
    )
