"""Three real instances in strict turn, and planted faults that have to turn the verdict."""

from dataclasses import replace

from authcompare.experiments.claims.scalability import (
    ALL_UP,
    CHECKED,
    KILLED,
    MEMORY,
    SHARED,
    SessionsAreHardToScale,
)
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.balancing import Share
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.test_faults_live import Faulty, arm_of
from tests.experiments.test_scalability_judge import shares

claim = SessionsAreHardToScale()


def found(fleet: Fleet, name: str, instances: int, last: str = "") -> dict[tuple[str, str], Share]:
    """The shares of one arm, at so many instances; the last of them perhaps under other settings."""
    arm = arm_of(claim, name)
    (site,) = fleet.start([replace(arm.deployment, instances=instances)])
    try:
        if last:
            site.kill(instances - 1)
            site.restart(instances - 1, {"DJANGO_SETTINGS_MODULE": f"tests.faults.{last}"})
        return {(one.name, one.phase): one for one in claim.visit(arm, site, Transcript())}
    finally:
        fleet.end()


def judged(seen: dict[tuple[str, str], Share]) -> Verdict:
    return claim.judge({"arm": list({**shares(), **seen}.values())})


def test_every_instance_accepts_what_all_can_know_and_outlives_one_that_is_killed(fleet: Fleet) -> None:
    seen = found(fleet, "a store for all", 3)
    verdict = judged(seen)
    assert verdict.kind is Kind.DEPENDS
    assert seen[SHARED, ALL_UP].accepted == seen[CHECKED, ALL_UP].accepted == (100, 100, 100)
    assert sum(seen[SHARED, KILLED].accepted) == 120
    assert seen[SHARED, KILLED].unreachable[0] == 40


def test_one_instance_that_is_slow_turns_nothing(fleet: Fleet) -> None:
    seen = found(fleet, "a store for all", 3, last="answers_late")
    slow, alike = judged(seen), judged({})
    assert (slow.kind, slow.rule) == (alike.kind, alike.rule)
    assert {name: one.kind for name, one in slow.decisions.items()} == {
        name: one.kind for name, one in alike.decisions.items()
    }
    assert seen[SHARED, ALL_UP].accepted == seen[CHECKED, ALL_UP].accepted == (100, 100, 100)


def test_memory_that_is_a_file_turns_the_verdict(faulty: Faulty) -> None:
    verdict = judged(found(faulty("memory_on_disk"), "each by itself", 3))
    assert (verdict.kind, verdict.because.startswith(f"{MEMORY} were accepted")) == (Kind.REFUTED, True)


def test_an_instance_with_another_key_turns_the_verdict(faulty: Faulty) -> None:
    verdict = judged(found(faulty("keys_of_its_own"), "a store for all", 2))
    assert (verdict.kind, "refused by an instance (150 of 300)" in verdict.because) == (Kind.REFUTED, True)
