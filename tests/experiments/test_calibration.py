"""Where nothing differs, intervals have to say so as often as they promise; measuring without any server."""

import random

import pytest

from authcompare.experiments.claim import BlockValue
from authcompare.experiments.costs.comparison import added, estimate
from authcompare.experiments.costs.controls import CONFIDENCE, DELTA_MS, PRIMARY_CONFIDENCE
from authcompare.experiments.estimates import Estimate
from authcompare.experiments.timing import FULL, QUICK, Plan

SETS, SHARED, CORRELATION = 200, 0.10, 0.6  # milliseconds of drift that all arms of a process share
OWN, LAUNCHES = 0.04, 0.034  # milliseconds by which an arm differs from block to block, from launch to launch


def drifting(source: random.Random, shift: float, plan: Plan) -> dict[str, list[BlockValue]]:
    """Two arms of one process: block medians that drift together, launches with a bias of their own."""
    samples: dict[str, list[BlockValue]] = {"a": [], "b": []}
    for launch in range(plan.launches):
        drift, bias = 0.0, source.gauss(shift, LAUNCHES)
        for number in range(plan.blocks):
            drift = CORRELATION * drift + source.gauss(0, SHARED)
            for arm, more in (("a", bias), ("b", 0.0)):
                ms = 0.8 + drift + more + source.gauss(0, OWN)
                samples[arm].append(BlockValue(launch, number, ms, flagged=False))
    return samples


def measured(seed: int, shift: float, plan: Plan, confidence: float) -> list[Estimate]:
    """What is estimated from each of so many sets of data."""
    source = random.Random(seed)
    return [estimate(added(drifting(source, shift, plan), "a", "b"), confidence) for _ in range(SETS)]


@pytest.mark.parametrize("plan", [QUICK, FULL], ids=["quick", "full"])
@pytest.mark.parametrize(
    ("confidence", "least", "most"), [(CONFIDENCE, 0.02, 0.09), (PRIMARY_CONFIDENCE, 0.0, 0.04)]
)
def test_the_estimates_are_calibrated_on_data_that_drift(
    plan: Plan, confidence: float, least: float, most: float
) -> None:
    nothing, delta = (measured(seed, shift, plan, confidence) for seed, shift in ((11, 0.0), (12, DELTA_MS)))
    assert least <= sum(one.low > 0 or one.high < 0 for one in nothing) / SETS <= most
    assert not [one for one in nothing if abs(one.value) > DELTA_MS / 2]
    assert sum(one.low > 0 for one in delta) / SETS > 0.8
