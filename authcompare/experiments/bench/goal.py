"""What a benchmark comes to: goals that were set before, each reached, missed or not decided."""

from dataclasses import dataclass, field

from authcompare.experiments.estimates import Estimate
from authcompare.experiments.verdict import Figure


@dataclass(frozen=True)
class Goal:
    """A figure that has to stay below `limit`; where it has an interval, all of it.

    What is `disputed` is not decided, whatever the interval says.
    """

    name: str
    figure: Figure
    limit: float
    disputed: bool = False

    @classmethod
    def of(cls, name: str, found: Estimate, unit: str, limit: float, note: str = "") -> "Goal":
        """A goal on an estimate."""
        return cls(name, Figure.of(name, found, unit, found.n, note), limit)

    @property
    def word(self) -> str:
        """`reached` if the upper end of the interval is below the limit (measuring by the worse end)."""
        if self.disputed:
            return "not decided"
        low = self.figure.value if self.figure.low is None else self.figure.low
        high = self.figure.value if self.figure.high is None else self.figure.high
        if high <= self.limit:
            return "reached"
        return "missed" if low > self.limit else "not decided"


@dataclass(frozen=True)
class Finding:
    """An answer where no goal was set: about what, the answer in words, and what was measured."""

    name: str
    word: str
    measured: str


@dataclass(frozen=True)
class Bench:
    """One benchmark after its run."""

    title: str
    goals: tuple[Goal, ...]
    figures: tuple[Figure, ...] = ()
    doubts: tuple[str, ...] = field(default=())
    findings: tuple[Finding, ...] = ()
