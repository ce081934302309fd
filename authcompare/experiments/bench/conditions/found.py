"""What the launches bring, before anything is made of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from authcompare.experiments.bench.conditions.named import Samples
from authcompare.experiments.claim import BlockValue
from authcompare.experiments.costs.noise import flagged
from authcompare.experiments.timing import Measured


@dataclass(frozen=True)
class Sent:
    """Bytes of one request that was sent before: under HTTP/2, and under HTTP/1.1."""

    http2: int
    http1: int


@dataclass
class Found:
    """Blocks by stage; first requests, which have none; and what was counted besides."""

    measured: dict[str, Measured] = field(default_factory=lambda: defaultdict(Measured))
    first: dict[str, list[BlockValue]] = field(default_factory=lambda: defaultdict(list))
    trips: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    hops: list[float] = field(default_factory=list)
    sent: dict[str, Sent] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    @property
    def samples(self) -> Samples:
        """Of all conditions, under their keys."""
        found: dict[str, Sequence[BlockValue]] = dict(self.first)
        for one in self.measured.values():
            found |= one.samples
        return found

    @property
    def loud(self) -> float:
        """The share of blocks in which the machine was not quiet."""
        noises = [one.noises for one in self.measured.values()]
        return sum(len(flagged(one)) for one in noises) / max(1, sum(map(len, noises)))
