"""A second service in a process of its own, and services with planted faults."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments.claims.independent_verifier import TokensNeedNoServer
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.independence import Bench, Shown
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.test_faults_live import arm_of, visited
from tests.experiments.test_independent_verifier_judge import AS_DESIGNED, SECRET
from tests.experiments.visiting import decided

claim = TokensNeedNoServer()
UNHEARD = {
    Kind.BROKEN: ""
}  # an issuer that did not answer within the second service's 2 s, on a busy machine


def judged(samples: Callable[[], dict[str, list[Any]]], slow: Mapping[Kind, str] = UNHEARD) -> Verdict:
    """Broken where something could not be shown, as in the lab."""

    def tried() -> Verdict:
        try:
            return claim.judge(samples())
        except Broken as error:
            return Verdict.broken(str(error))

    return decided(lambda: [tried()], slow)[0]


def shown(fleet: Fleet, act: Callable[[Site], list[Shown]]) -> dict[str, list[Any]]:
    """What comes of it at one site; the rest as designed."""
    (site,) = fleet.start([arm_of(claim, "ES256").deployment])
    try:
        found = act(site)
    finally:
        fleet.end()
    seen = {(one.name, one.issuer) for one in found}
    rest = [one for one in AS_DESIGNED if (one.name, one.issuer) not in seen]
    return {"ES256": [*rest, *found], "HS256": [SECRET]}


def test_the_product_s_verifier_needs_its_issuer_for_new_keys_only(fleet: Fleet) -> None:
    verdict = judged(lambda: {name: visited(fleet, claim, name) for name in ("ES256", "HS256")})
    assert (verdict.kind, len(verdict.figures)) == (Kind.DEPENDS, 19), verdict.because
    assert (
        "(0 of 7 good tokens accepted), and whoever has the secret makes tokens, too (7 of 7" in verdict.rule
    )


@pytest.mark.parametrize(
    ("acts", "services", "said"),
    [
        (
            ["tried"],
            ["tests.faults.verifier_ignores_audience"],
            "a token for another audience was accepted 1 of 1 times",
        ),
        (
            ["followed"],
            ["tests.faults.verifier_keeps_first_keys"],
            "a token signed with a new key was accepted 0 of 1 times",
        ),
        (
            ["while_issuer_is_down"],
            ["tests.faults.verifier_asks_issuer"],
            "a good token was accepted 0 of 300 times with the issuer down",
        ),
        (
            ["asked", "while_issuer_is_down"],
            [claim.service, "tests.faults.asker_remembers"],
            "a session's cookie, asked about was accepted 30 of 30 times with the issuer down",
        ),
    ],
)
def test_a_service_that_only_looks_independent_turns_the_verdict(
    fleet: Fleet, acts: list[str], services: list[str], said: str
) -> None:
    def act(site: Site) -> list[Shown]:
        bench = Bench(site, Transcript(), *services)
        return [one for act in acts for one in getattr(bench, act)()]

    verdict = judged(lambda: shown(fleet, act))
    assert (verdict.kind, said in verdict.because) == (Kind.REFUTED, True), verdict.because


def test_an_issuer_that_goes_on_answering_is_not_taken_for_one_that_is_down(fleet: Fleet) -> None:
    def act(site: Site) -> list[Shown]:
        immortal = replace(site, kill=lambda instance: None)
        return Bench(immortal, Transcript(), claim.service).while_issuer_is_down()

    verdict = judged(lambda: shown(fleet, act), {Kind.BROKEN: "the good token beside it"})
    said = "the issuer was still answering when it was to be down"
    assert (verdict.kind, verdict.because) == (Kind.BROKEN, said)


def test_a_shared_secret_that_is_published_is_noticed(faulty: Callable[[str], Fleet]) -> None:
    planted = faulty("secret_published")
    verdict = judged(lambda: {"ES256": AS_DESIGNED, "HS256": visited(planted, claim, "HS256")})
    assert (verdict.kind, verdict.because) == (
        Kind.REFUTED,
        "HS256: its secret is published, 1 in the JWK set.",
    )
