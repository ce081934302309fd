"""Samples as visits would have brought them, for judges."""

import random
from collections.abc import Mapping
from typing import Any

from authcompare.experiments.claim import BlockValue
from authcompare.experiments.claims.revocation import Revocation
from authcompare.experiments.costs.timed_arms import ARMS
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.scenes.ending import CAUSES, Ended, Renewal
from authcompare.experiments.scenes.everywhere import SignedOut
from authcompare.experiments.scenes.watching import Poll, Watch

A, R, B = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.BROKEN
LAUNCHES, BLOCKS = 6, 10


def watch(*outcomes: Outcome, every: float = 0.1) -> Watch:
    """One worker, asked at a fixed rate."""
    return Watch(tuple(Poll(round(number * every, 3), 0, one) for number, one in enumerate(outcomes)))


def ended(cause: str, promised: float = 0, left: float | None = None, seen: Watch | None = None) -> Ended:
    """An end that did what it promised."""
    if seen is None:
        accepted = round((left or 0) / 0.1) if promised else 0
        seen = watch(*[A] * accepted, *[R] * 10)
    return Ended(cause, promised, left, controls=True, renewals=[Renewal(R, "401")], watch=seen)


def revoked() -> dict[str, list[Any]]:
    """Every arm of the claim, keeping its promise."""
    samples: dict[str, list[Any]] = {}
    for arm in Revocation().arms(quick=True):
        if logins := arm.parameters.get("logins"):
            samples[arm.name] = [SignedOut(arm.client, n, True, 2 * n, 0, "", True, 0.012) for n in logins]
            continue
        promised = float(arm.guarantees.logout_seen if arm.guarantees else 0)
        lefts = [promised - 0.3 * number - 0.5 if promised else None for number in range(len(CAUSES))]
        samples[arm.name] = [ended(cause, promised, left) for cause, left in zip(CAUSES, lefts, strict=True)]
    return samples


def timed(
    added: Mapping[str, float], noise: float = 0.02, flagged: bool = False, seed: int = 1
) -> dict[str, list[BlockValue]]:
    """Block values of every arm: a base of 0.8 ms with launches and drift of its own, plus what is added."""
    source = random.Random(seed)
    samples: dict[str, list[BlockValue]] = {name: [] for name in ARMS}
    for launch in range(LAUNCHES):
        lift = source.gauss(0, 0.03)
        for block in range(BLOCKS):
            for name in ARMS:
                ms = max(0.05, 0.8 + lift + added.get(name, 0.0) + source.gauss(0, noise))
                samples[name].append(BlockValue(launch, block, ms, flagged, cpu=(ms * 0.8, ms / 50, 0.0)))
    return samples
