"""Goals on the ratio of two arms that ran in the same blocks; loud blocks alone may not decide one. Pure."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from statistics import fmean

from authcompare.experiments.bench.goal import Goal
from authcompare.experiments.costs.comparison import Blocks, Samples, loud_blocks
from authcompare.experiments.costs.noise import not_quiet
from authcompare.experiments.estimates import Estimate, by_launch, ratio_over_launches
from authcompare.experiments.verdict import Figure

NO_RATIO = "of the means: in one launch there was nothing to divide"


def goal(name: str, one: Blocks, other: Blocks, loud: Collection[tuple[int, int]], limit: float) -> Goal:
    """Not decided, too, where a launch has no ratio, or where the blocks that are not loud disagree."""
    found, quiet = ratio(one, other), ratio(without(one, loud), without(other, loud))
    if found is None:
        means = Figure(
            name, fmean(one.values()) / fmean(other.values()), "", len(by_launch(one)), note=NO_RATIO
        )
        return Goal(name, means, limit, disputed=True)
    return judged(name, found, quiet, limit)


def judged(name: str, found: Estimate, quiet: Estimate | None, limit: float) -> Goal:
    """By all blocks; those that are not loud disagree where their value lies on the other side of the limit.

    Their interval is wider because there are fewer: that alone is no disagreement.
    """
    if quiet is None:
        return replace(Goal.of(name, found, "", limit, "too few blocks that are not flagged"), disputed=True)
    disputed = (quiet.value <= limit) != (found.value <= limit)
    note = f"without flagged blocks {quiet.text('.3f', unit='')}"
    return replace(Goal.of(name, found, "", limit, note), disputed=disputed)


def without(effects: Blocks, loud: Collection[tuple[int, int]]) -> Blocks:
    """The effects of the blocks during which the machine was quiet."""
    return {place: effect for place, effect in effects.items() if place not in loud}


def ratio(one: Blocks, other: Blocks) -> Estimate | None:
    """Launch by launch; None where one has none, or where there are fewer than two."""
    with suppress(ValueError):
        return ratio_over_launches(by_launch(one), by_launch(other))
    return None


def doubts(samples: Samples) -> list[str]:
    """That the machine was not quiet."""
    every = {(value.launch, value.block) for values in samples.values() for value in values}
    return not_quiet(len(loud_blocks(samples)) / len(every))
