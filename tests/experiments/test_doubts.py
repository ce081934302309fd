"""What a timed claim says against itself, whatever its verdict."""

from collections.abc import Mapping, Sequence

import pytest

from authcompare.experiments.claim import Arm, BlockValue, Shot, Timed
from authcompare.experiments.costs.noise import Noise
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.runs import Timing
from authcompare.experiments.timing import FULL, Measured
from authcompare.experiments.verdict import Kind, Verdict


class Quick(Timed):
    """Whatever is timed is quick."""

    row = "Quick"
    decides = ()

    def arms(self, quick: bool) -> list[Arm]:
        return []

    def begin(self, arm: Arm, site: Site, transcript: Transcript) -> Shot:
        raise NotImplementedError

    def precise_enough(self, samples: Mapping[str, Sequence[BlockValue]]) -> bool:
        return True

    def judge(self, samples: Mapping[str, Sequence[BlockValue]]) -> Verdict:
        return Verdict(Kind.HOLDS, "It is quick.")


def doubts(**measured: float) -> tuple[str, ...]:
    run = Timing(lambda text, share: None, Quick(), [], FULL, seed=1, settle=lambda: None)
    noises = [Noise(launch, block, 5.0, 0.0, 0, 0) for launch in range(3) for block in range(5)]
    run._measured = Measured(noises=noises, **measured)
    finished = run.finished(interrupted=False)
    assert finished.verdict.kind is Kind.HOLDS
    return finished.verdict.doubts


@pytest.mark.parametrize(("cpu", "said"), [(2.4, 0), (2.6, 1), (9.9, 1)])
def test_a_client_that_may_be_what_was_measured_is_a_doubt(cpu: float, said: int) -> None:
    found = [one for one in doubts(client_cpu=cpu, seconds=10.0) if one.startswith("The client used")]
    assert len(found) == said
    assert all(f"used {cpu * 10:.0f}% of a core" in one for one in found)
