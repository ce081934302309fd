"""What distance adds is computed as a line: round trips times the way. Does the proxy say so? Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from authcompare.experiments.bench.conditions.named import DISTANCES, NEAR, Samples
from authcompare.experiments.bench.goal import Finding
from authcompare.experiments.claim import BlockValue
from authcompare.experiments.costs.comparison import Outcome, blocks, difference, estimate, worded
from authcompare.experiments.costs.controls import CONFIDENCE, DELTA_MS
from authcompare.experiments.costs.timed_arms import ARMS, COMPARED
from authcompare.experiments.estimates import Estimate, over_launches
from authcompare.experiments.verdict import Figure

WORDS = {Outcome.SAME: "agrees", Outcome.SLOWER: "does not hold", Outcome.FASTER: "does not hold"}


@dataclass(frozen=True)
class Point:
    """One arm at one distance: what it takes longer than at no distance, and what the line says."""

    arm: str
    ms: float
    measured: Estimate
    promised: int
    counted: float

    @property
    def computed(self) -> float:
        """Milliseconds."""
        return self.promised * self.ms

    @property
    def word(self) -> str:
        """Whether line and proxy differ by less than matters."""
        return WORDS.get(worded(self.measured.moved(-self.computed), DELTA_MS), "is not decided")

    @property
    def text(self) -> str:
        """For a person."""
        return f"{self.arm}, {self.ms:g} ms away: {self.figure.text} more, computed {self.computed:g} ms"

    @property
    def figure(self) -> Figure:
        """For the table."""
        name = f"distance: {self.arm}, {self.ms:g} ms away, more than at 0 ms"
        note = f"{self.promised} round trips a request promised, {self.counted:g} counted"
        return Figure.of(name, self.measured, "ms", note=note)


def points(samples: Samples, trips: Mapping[str, Sequence[float]]) -> list[Point]:
    """Of every arm that asks a store, at every distance but none; `samples` are those of all conditions."""
    return [
        Point(arm, ms, _later(far, near), promised, median(trips[arm]))
        for arm in COMPARED
        for condition, ms in DISTANCES.items()
        if (promised := _promised(arm)) and condition is not NEAR
        if (far := samples.get(condition.key(arm))) and (near := samples.get(NEAR.key(arm)))
    ]


def _later(far: Sequence[BlockValue], near: Sequence[BlockValue]) -> Estimate:
    return estimate(difference(blocks(far), blocks(near)), CONFIDENCE)


def _promised(arm: str) -> int:
    promise = ARMS[arm].guarantees
    assert promise is not None
    return promise.round_trips


def finding(found: Sequence[Point]) -> Finding:
    """Of the whole line."""
    words = Counter(point.word for point in found).most_common()
    said = ", ".join(f"{word} at {count}" for word, count in words)
    return Finding(
        "what distance adds, computed as a line: a way for each round trip",
        f"{said} of {len(found)} points, within {DELTA_MS:.2f} ms of what the delaying proxy adds",
        "; ".join(point.text for point in found),
    )


def doubts(found: Sequence[Point], hops: Sequence[float]) -> list[str]:
    """Where the line is not what was measured, and a proxy that is itself a distance."""
    apart = [
        f"The line {point.word} for {point.text}; {point.figure.note}."
        for point in found
        if point.word != "agrees"
    ]
    null = _null(hops)
    if null.high is not None and null.high > DELTA_MS:
        apart.append(f"The proxy is no null: without a delay it adds {null.text} to a round trip.")
    return apart


def _null(hops: Sequence[float]) -> Figure:
    found, name = over_launches([[hop] for hop in hops]), "distance: the proxy itself, without a delay"
    return Figure.of(name, found, "ms")


def figures(found: Sequence[Point], hops: Sequence[float]) -> list[Figure]:
    """The null first."""
    return [_null(hops), *(point.figure for point in found)]
