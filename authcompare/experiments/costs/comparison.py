"""Paired comparisons of arms that ran in the same blocks: from block values to a word. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from authcompare.experiments.claim import PARTS, BlockValue
from authcompare.experiments.estimates import (
    Estimate,
    bootstrap,
    by_launch,
    over_launches,
    ratio_over_launches,
)
from authcompare.experiments.verdict import Kind

SEED = 1  # of the bootstrap: the same samples always give the same figures

Blocks = dict[tuple[int, int], float]
Samples = Mapping[str, Sequence[BlockValue]]


class Outcome(StrEnum):
    """What an interval says about a threshold that was set before."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "no difference that matters"
    NOT_FASTER = "not faster, perhaps slower"
    NOT_SLOWER = "not slower, perhaps faster"
    UNKNOWN = "not decided"


ALLOWED: dict[Outcome, set[Outcome]] = {  # what a value may say by itself where an interval says this
    Outcome.FASTER: {Outcome.FASTER},
    Outcome.SLOWER: {Outcome.SLOWER},
    Outcome.SAME: {Outcome.SAME},
    Outcome.NOT_FASTER: {Outcome.SAME, Outcome.SLOWER},
    Outcome.NOT_SLOWER: {Outcome.SAME, Outcome.FASTER},
    Outcome.UNKNOWN: set(),
}
NEVER_FASTER = frozenset({Outcome.SAME, Outcome.SLOWER, Outcome.NOT_FASTER})
NEVER_SLOWER = frozenset({Outcome.SAME, Outcome.FASTER, Outcome.NOT_SLOWER})


def agreed(found: Iterable[Outcome]) -> Outcome:
    """What all of these say: the same word, else at least that it is not faster, or not slower."""
    words = set(found)
    if len(words) == 1:
        return words.pop()
    if words <= NEVER_FASTER:
        return Outcome.NOT_FASTER
    return Outcome.NOT_SLOWER if words <= NEVER_SLOWER else Outcome.UNKNOWN


def kind_of(found: Iterable[Outcome]) -> Kind:
    """Faster everywhere, nowhere or somewhere; undecided only if the decided ones do not disagree."""
    words = set(found)
    if Outcome.FASTER in words and words & NEVER_FASTER:
        return Kind.DEPENDS
    if words - NEVER_FASTER - {Outcome.FASTER}:
        return Kind.INCONCLUSIVE
    return Kind.REFUTED if words & NEVER_FASTER else Kind.HOLDS


def blocks(values: Sequence[BlockValue], part: str = "") -> Blocks:
    """Milliseconds by (launch, block): on the clock, or of processor time in one of PARTS."""
    if not part:
        return {(value.launch, value.block): value.ms for value in values}
    place = PARTS.index(part)
    return {(value.launch, value.block): value.cpu[place] for value in values}


def difference(one: Blocks, other: Blocks) -> Blocks:
    """Block by block, in the blocks that both have."""
    return {place: one[place] - other[place] for place in one.keys() & other.keys()}


def added(samples: Samples, arm: str, base: str, part: str = "") -> Blocks:
    """What the arm costs over `base`, which ran in the same process and the same blocks."""
    return difference(blocks(samples[arm], part), blocks(samples[base], part))


def ratio(samples: Samples, arm: str, base: str, confidence: float) -> Estimate:
    """How many times as long as `base` the arm takes."""
    one, other = by_launch(blocks(samples[arm])), by_launch(blocks(samples[base]))
    return ratio_over_launches(one, other, confidence)


def estimate(effects: Blocks, confidence: float, without: Collection[tuple[int, int]] = ()) -> Estimate:
    """Over launches; some blocks may be left out to see what they did."""
    return over_launches(
        by_launch({place: ms for place, ms in effects.items() if place not in without}), confidence
    )


@dataclass(frozen=True)
class Contrast:
    """The first arm minus the second, with and without the blocks during which the machine was not quiet.

    Without them there is an estimate wherever two launches have a quiet block.
    """

    first: str
    second: str
    all_blocks: Estimate
    quiet_blocks: Estimate | None
    launches: list[list[float]]
    confidence: float

    @cached_property
    def bootstrap(self) -> Estimate:
        """A cross-check of the interval; it decides nothing."""
        return bootstrap(self.launches, SEED, self.confidence)

    def outcome(self, delta: float) -> Outcome:
        """Undecided, too, where no block was quiet, or where the loud ones decide.

        They do if the value without them lies on another side of the threshold. Its interval is wider because
        there are fewer blocks, on a loud machine much wider: that alone is no disagreement.
        """
        if self.quiet_blocks is None:
            return Outcome.UNKNOWN
        word = worded(self.all_blocks, delta)
        value = self.quiet_blocks.value
        quiet = worded(replace(self.quiet_blocks, low=value, high=value), delta)
        return word if quiet in ALLOWED[word] else Outcome.UNKNOWN

    def moved(self, ms: float) -> "Contrast":
        """As if the first arm took so much longer."""
        quiet = self.quiet_blocks
        return replace(self, all_blocks=self.all_blocks.moved(ms), quiet_blocks=quiet and quiet.moved(ms))

    def text(self, delta: float) -> str:
        """The difference, its interval, and the word."""
        return f"{self.interval}, {self.outcome(delta)}"

    @property
    def interval(self) -> str:
        """The difference and its interval."""
        return self.all_blocks.text()

    @property
    def without_loud(self) -> str:
        """What the blocks during which the machine was quiet say by themselves."""
        if self.quiet_blocks is None:
            return "no quiet blocks in two launches"
        return f"without flagged blocks {self.quiet_blocks.text('+.3f', unit='')}"


def contrast(
    first: str,
    second: str,
    effects: Mapping[str, Blocks],
    loud: Collection[tuple[int, int]],
    confidence: float,
) -> Contrast:
    """Paired within blocks, then over launches."""
    paired = difference(effects[first], effects[second])
    quiet = {launch for launch, block in paired if (launch, block) not in loud}
    without = estimate(paired, confidence, loud) if len(quiet) > 1 else None
    return Contrast(first, second, estimate(paired, confidence), without, by_launch(paired), confidence)


def loud_blocks(samples: Samples) -> set[tuple[int, int]]:
    """Blocks during which the machine was not quiet."""
    return {(value.launch, value.block) for values in samples.values() for value in values if value.flagged}


def worded(found: Estimate, delta: float) -> Outcome:
    """What this interval says about the threshold."""
    if found.high < -delta:
        return Outcome.FASTER
    if found.low > delta:
        return Outcome.SLOWER
    sides = (found.low > -delta, found.high < delta)
    words = {
        (True, True): Outcome.SAME,
        (True, False): Outcome.NOT_FASTER,
        (False, True): Outcome.NOT_SLOWER,
        (False, False): Outcome.UNKNOWN,
    }
    return words[sides]


def nothing_differs(found: Estimate, delta: float) -> bool:
    """What has to be seen where nothing can differ: at most half of what matters, surely not all."""
    return abs(found.value) <= delta / 2 and worded(found, delta) is Outcome.SAME
