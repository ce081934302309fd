"""From block values to an estimate with its interval. Pure; the launch is the unit that is repeated."""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from statistics import fmean, median, stdev, variance

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; `n` is the number of launches, `blocks` what they rest on."""

    value: float
    low: float
    high: float
    n: int
    blocks: int

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2

    def text(self, form: str = "+.2f", unit: str = " ms") -> str:
        """The value and its interval, each in this form."""
        value, low, high = (format(end, form) for end in (self.value, self.low, self.high))
        return f"{value}{unit} ({low} to {high})"

    def moved(self, by: float) -> "Estimate":
        """The same interval around another value."""
        return replace(self, value=self.value + by, low=self.low + by, high=self.high + by)

    def times(self, factor: float) -> "Estimate":
        """In another unit."""
        return replace(self, value=self.value * factor, low=self.low * factor, high=self.high * factor)


def by_launch(effects: Mapping[tuple[int, int], float]) -> list[list[float]]:
    """The block effects of each launch; keys are (launch, block)."""
    launches: defaultdict[int, list[float]] = defaultdict(list)
    for (launch, _), effect in sorted(effects.items()):
        launches[launch].append(effect)
    return list(launches.values())


def over_launches(launches: Sequence[Sequence[float]], confidence: float = 0.95) -> Estimate:
    """Mean of the launch medians with a t interval. One launch alone would give one far too narrow."""
    if len(launches) < 2:
        raise ValueError("An interval needs at least two launches.")
    medians = [median(effects) for effects in launches]
    reach = t_quantile(len(medians) - 1, confidence) * stdev(medians) / math.sqrt(len(medians))
    value = fmean(medians)
    return Estimate(value, value - reach, value + reach, len(medians), sum(map(len, launches)))


def ratio_over_launches(
    ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]], confidence: float = 0.95
) -> Estimate:
    """The ratio of two effects, launch by launch on the log scale. Effects must be above zero."""
    pairs = [(median(one), median(other)) for one, other in zip(ours, theirs, strict=True)]
    if any(one <= 0 or other <= 0 for one, other in pairs):
        raise ValueError("A ratio of effects that are not above zero means nothing.")
    logs = [[math.log(one / other)] for one, other in pairs]
    found = over_launches(logs, confidence)
    blocks = sum(map(len, ours))
    return Estimate(math.exp(found.value), math.exp(found.low), math.exp(found.high), found.n, blocks)


def between(
    ones: Sequence[Sequence[float]], others: Sequence[Sequence[float]], confidence: float = 0.95
) -> Estimate:
    """The first minus the second, of launches that have nothing in common (Welch 1947)."""
    medians = [[median(effects) for effects in launches] for launches in (ones, others)]
    if min(map(len, medians)) < 2:
        raise ValueError("An interval needs at least two launches.")
    parts = [variance(some) / len(some) for some in medians]
    weights = sum(part**2 / (len(some) - 1) for part, some in zip(parts, medians, strict=True))
    freedom = math.floor(sum(parts) ** 2 / weights + 1e-9) if weights else 1  # rounded to the wider interval
    reach = t_quantile(freedom, confidence) * math.sqrt(sum(parts))
    value = fmean(medians[0]) - fmean(medians[1])
    blocks = sum(map(len, (*ones, *others)))
    return Estimate(value, value - reach, value + reach, len(ones) + len(others), blocks)


def bootstrap(launches: Sequence[Sequence[float]], seed: int, confidence: float = 0.95) -> Estimate:
    """Launches, then blocks in them, drawn with replacement: a cross-check that assumes no distribution."""
    source = random.Random(seed)  # noqa: S311
    means = sorted(_resampled(launches, source) for _ in range(RESAMPLES))
    tail = int(RESAMPLES * (1 - confidence) / 2)
    value = fmean(median(effects) for effects in launches)
    return Estimate(value, means[tail], means[-tail - 1], len(launches), sum(map(len, launches)))


def _resampled(launches: Sequence[Sequence[float]], source: random.Random) -> float:
    drawn = source.choices(launches, k=len(launches))
    return fmean(median(source.choices(effects, k=len(effects))) for effects in drawn)


def blocks_needed(estimate: Estimate, limit: float) -> int:
    """How many blocks would bring the half-width down to half of the limit.

    An estimate close to the limit needs more: an interval that no longer reaches it. Counted down to a
    twentieth of the limit; closer than that, nobody should care on which side it lies.
    """
    distance = max(abs(abs(estimate.value) - limit), limit / 20)
    wanted = min(limit / 2, distance)
    return math.ceil(estimate.blocks * max(1.0, estimate.half_width / wanted) ** 2)


@dataclass(frozen=True)
class Line:
    """A straight line fitted to points, with the interval of its slope."""

    slope: Estimate
    intercept: float


def fit(points: Sequence[tuple[float, float]], confidence: float = 0.95) -> Line:
    """Least squares. Needs three points that do not share one x."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    middle_x, middle_y = fmean(xs), fmean(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    if len(points) < 3 or spread == 0:
        raise ValueError("A line with an interval needs three points with different x.")
    slope = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    intercept = middle_y - slope * middle_x
    rest = sum((y - intercept - slope * x) ** 2 for x, y in points)
    reach = t_quantile(len(points) - 2, confidence) * math.sqrt(rest / (len(points) - 2) / spread)
    return Line(Estimate(slope, slope - reach, slope + reach, len(points), len(points)), intercept)


def quantile(values: Sequence[float], share: float, confidence: float = 0.95) -> Estimate:
    """That share of the values lies below; between two of them it is their mean, as a median is.

    The interval reaches from one of the values to another, and holds whatever they are distributed like. Too
    few of them (for a median fewer than six) have none at 95 %: then it is from the least to the most.
    """
    ordered, n = sorted(values), len(values)
    if not n:
        raise ValueError("Nothing has no quantile.")
    place = round(n * share, 9)
    below, above = max(math.ceil(place), 1), min(math.floor(place) + 1, n)
    low, high = ranks(n, share, confidence)
    middle = (ordered[below - 1] + ordered[above - 1]) / 2
    return Estimate(middle, ordered[low - 1], ordered[high - 1], n, n)


@cache
def ranks(n: int, share: float, confidence: float) -> tuple[int, int]:
    """Which of n ordered values, from 1 on, are the ends of a quantile's interval.

    How many of them lie below the quantile is binomial, so the chance that an end misses it is known exactly.
    """
    tail = (1 - confidence) / 2
    heads = list(accumulate(_binomial(n, share, hits) for hits in range(n + 1)))  # P(hits or fewer)
    low = sum(head <= tail for head in heads)
    high = next(rank for rank, head in enumerate(heads, 1) if head >= 1 - tail)
    return max(low, 1), min(high, n)


def _binomial(n: int, share: float, hits: int) -> float:
    ways = math.lgamma(n + 1) - math.lgamma(hits + 1) - math.lgamma(n - hits + 1)
    return math.exp(ways + hits * math.log(share) + (n - hits) * math.log(1 - share))


def ratio(ones: Estimate, others: Estimate) -> Estimate:
    """Of two values above zero that have nothing in common, from their intervals (Donner and Zou 2012)."""
    if min(ones.low, others.low) <= 0:
        raise ValueError("A ratio of values that are not above zero means nothing.")
    one, other = ([math.log(end) for end in (some.low, some.value, some.high)] for some in (ones, others))
    value = one[1] - other[1]
    low = value - math.hypot(one[1] - one[0], other[2] - other[1])
    high = value + math.hypot(one[2] - one[1], other[1] - other[0])
    blocks = ones.blocks + others.blocks
    return Estimate(math.exp(value), math.exp(low), math.exp(high), min(ones.n, others.n), blocks)


def none_of(n: int, confidence: float = 0.95) -> float:
    """The upper bound of a share that was seen 0 times in n; about 3/n at 95 %."""
    return 1 - (1 - confidence) ** (1 / n) if n else 1.0


@cache
def t_quantile(freedom: int, confidence: float) -> float:
    """Two-sided: Student's t lies within ± this with that probability."""
    return _bisect(lambda t: t_within(t, freedom), confidence, high=2000.0)


def t_within(t: float, freedom: int) -> float:
    """P(|T| ≤ t) for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle)
    if freedom % 2 == 0:
        return math.sin(angle) * _series(cosine, range(1, freedom - 2, 2), 1.0)
    odd = math.sin(angle) * _series(cosine, range(2, freedom - 2, 2), cosine) if freedom > 1 else 0.0
    return 2 / math.pi * (angle + odd)


def _series(cosine: float, steps: range, first: float) -> float:
    total = term = first
    for step in steps:
        term *= cosine * cosine * step / (step + 1)
        total += term
    return total


def _bisect(rising: Callable[[float], float], wanted: float, high: float) -> float:
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2
