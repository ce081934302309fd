"""What a claim comes to: one of six words, the numbers behind it, and every doubt about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from authcompare.experiments.estimates import Estimate


class Kind(StrEnum):
    """The six ways a claim can end."""

    HOLDS = "HOLDS"
    REFUTED = "REFUTED"
    DEPENDS = "DEPENDS"
    INCONCLUSIVE = "INCONCLUSIVE"
    SKIPPED = "SKIPPED"
    BROKEN = "BROKEN"


DECIDED = {Kind.HOLDS, Kind.REFUTED, Kind.DEPENDS}
REACHED = DECIDED | {Kind.INCONCLUSIVE}


@dataclass(frozen=True)
class Figure:
    """One number with its unit, its interval and how many observations it rests on."""

    name: str
    value: float
    unit: str
    n: int
    low: float | None = None
    high: float | None = None
    note: str = ""

    @classmethod
    def of(cls, name: str, found: Estimate, unit: str, n: int | None = None, note: str = "") -> "Figure":
        """With the interval of an estimate; it rests on its blocks where nothing else is said."""
        return cls(name, found.value, unit, found.blocks if n is None else n, found.low, found.high, note)

    @property
    def text(self) -> str:
        """As it is printed everywhere. An interval without width says nothing, and is not said."""
        unit = f" {self.unit}" if self.unit else ""
        if self.low is None or self.high is None or self.low == self.high:
            return f"{amount(self.value)}{unit}"
        return f"{amount(self.value)}{unit} ({amount(self.low)} to {amount(self.high)})"

    @property
    def share(self) -> str:
        """What was counted, of how many."""
        return f"{amount(self.value)} of {self.n}"


@dataclass(frozen=True)
class Point:
    """One store or check mode on the trade-off curve.

    `ms` is what it adds to a request, with its interval over `n` blocks; `seconds` is how long an ended login
    may go on working. Nothing was ever seen to take no time: for "at once" give what could be told apart.
    """

    name: str
    ms: float
    low: float
    high: float
    n: int
    seconds: float
    seen: str  # the seconds as they are printed: "at most 0.2 s", "300 s, derived from the setting"
    guarantees: str
    scheme: Literal["session", "token"]

    def __post_init__(self) -> None:
        if self.seconds <= 0:
            raise ValueError(f"{self.name}: nothing is seen to end in no time; give the resolution.")


@dataclass(frozen=True)
class Decision:
    """The verdict on one of the common claims (C01 to C52), with the sentence that says why."""

    kind: Kind
    because: str


@dataclass(frozen=True)
class Verdict:
    """`because` is a sentence with numbers. DEPENDS states its `rule`, INCONCLUSIVE what it `needs`."""

    kind: Kind
    because: str
    rule: str = ""
    needs: str = ""
    figures: tuple[Figure, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()  # what the report draws as the trade-off curve

    def __post_init__(self) -> None:
        if self.kind is Kind.DEPENDS and not self.rule:
            raise ValueError("DEPENDS without the condition it depends on says nothing.")
        if self.kind is Kind.INCONCLUSIVE and not self.needs:
            raise ValueError("INCONCLUSIVE has to say what it would take.")

    @classmethod
    def broken(cls, because: str) -> "Verdict":
        """The harness failed: no statement about the claim."""
        return cls(Kind.BROKEN, because)

    @classmethod
    def skipped(cls, because: str) -> "Verdict":
        """Not measured, and why."""
        return cls(Kind.SKIPPED, because)

    def about(self, common: Iterable[str]) -> "Verdict":
        """With a word on each of these: what is not decided as a whole is not decided for them either."""
        if self.kind is not Kind.INCONCLUSIVE:
            return self
        undecided = {name: Decision(self.kind, self.because) for name in common}
        return replace(self, decisions={**undecided, **self.decisions})


def amount(value: float) -> str:
    """A number with about three figures; whole numbers stay whole."""
    if value == int(value):
        return f"{value:.0f}"
    size = abs(value)
    places = 3 if size < 1 else 2 if size < 10 else 1 if size < 100 else 0
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text
