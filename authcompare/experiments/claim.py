"""The whole contract of an experiment. A claim is one file in `claims/` that defines one class below.

The claim says what is compared, does one thing to one arm, and judges what came out. Everything else
belongs to the frame: which servers run when, in which order arms are visited, how often, and when to stop.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.verdict import Verdict

Sample = TypeVar("Sample")


@dataclass(frozen=True)
class Guarantees:
    """What an arm promises, so that nobody compares the price of different goods. Times in seconds."""

    logout_seen: int
    deactivation_seen: int
    rights_seen: int
    user: str  # where the user comes from: row, copy or claims
    sql: int  # statements per request beside the resource's own
    redis: int  # round trips per request

    def weaker_than(self, other: "Guarantees") -> list[str]:
        """What this one notices later than the other, in words."""
        return [
            f"{what} {_seen(own)}, not {_seen(better)}"
            for (what, own), (_, better) in zip(self._times, other._times, strict=True)
            if own > better
        ]

    @property
    def ends_at_once(self) -> bool:
        """Whether the first request after a logout is refused."""
        return self.logout_seen == 0

    @property
    def _times(self) -> tuple[tuple[str, int], ...]:
        return (
            ("logout", self.logout_seen),
            ("deactivation", self.deactivation_seen),
            ("changed rights", self.rights_seen),
        )

    @property
    def round_trips(self) -> int:
        """To stores on other machines, per request.

        One more than there are statements: before the first of a request Django asks PostgreSQL whether the
        connection that was kept still works.
        """
        return self.redis + self.sql + (1 if self.sql else 0)

    @property
    def text(self) -> str:
        """For the table."""
        return f"notices {self.seen}; user from {self.user}; {self.sql} SQL, {self.redis} Redis per request"

    @property
    def seen(self) -> str:
        """What it notices, and when."""
        return ", ".join(f"{what} {_seen(limit)}" for what, limit in self._times)


def _seen(limit: int) -> str:
    return f"within {limit} s" if limit else "at once"


@dataclass(frozen=True)
class Arm:
    """One of the things compared. `client` is session, token or open; `parameters` are the claim's own."""

    name: str
    deployment: Deployment
    client: str
    guarantees: Guarantees | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Claim(ABC, Generic[Sample]):
    """The docstring of the class is the statement that is judged."""

    row: ClassVar[str]
    """The row of the README's table."""
    decides: ClassVar[tuple[str, ...]]
    """Which of the common claims (common_claims.tsv: C01 to C52) the verdict decides."""
    read_only: ClassVar[bool] = False
    """Whether it may be pointed at a deployment that serves other people (`compare --against`)."""
    browser: ClassVar[bool] = False
    """Whether it drives a browser; those run after each other."""
    waits: ClassVar[bool] = False
    """Whether it mostly waits for limits to pass: it begins with the run, and takes nobody's place."""
    alone: ClassVar[bool] = False
    """Whether it needs the machine to itself: it runs after everything that does not, an arm at a time."""
    needs: ClassVar[tuple[str, ...]] = ()
    """From which other claims, by name, it is derived; they are run as well if this one is."""
    budget: ClassVar[tuple[float, float]] = (10, 60)
    """Seconds that a quick and a full run of it may take; the time left is told by it on a first run."""

    @property
    def name(self) -> str:
        """What it is called on the command line: the name of its file."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def statement(self) -> str:
        """The sentence that is judged."""
        return " ".join((type(self).__doc__ or "").split())

    @property
    def lacking(self) -> str:
        """What this machine lacks to measure it and how to get it, as a sentence; empty if nothing."""
        return ""

    @property
    def done(self) -> str:
        """What is done to decide it: what its file says after the row's name, and its visit where it does."""
        said = " ".join((sys.modules[type(self).__module__].__doc__ or "").split())
        visit = vars(type(self)).get("visit") or vars(type(self)).get("begin")
        words = [said.partition('": ')[2] or said, " ".join((getattr(visit, "__doc__", "") or "").split())]
        return " ".join(one[0].upper() + one[1:] for one in words if one)

    @abstractmethod
    def arms(self, quick: bool) -> list[Arm]:
        """What is compared. The frame starts every deployment named here."""

    @abstractmethod
    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        """From the samples of each arm to the verdict; a pure function."""


class Probe(Claim[Sample]):
    """A claim decided by what happens. The frame visits every arm once, all arms at the same time.

    Other probes run at the same time, and on the same deployments where those are not `exclusive`.
    """

    rounds: ClassVar[tuple[int, int]] = (1, 1)
    """How often a quick and a full run visit every arm; every second round backwards: a drift cancels."""

    @abstractmethod
    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        """Do it to one arm. Raises Broken if it could not be done, Skipped if it cannot be done here."""


@dataclass(frozen=True)
class Shot:
    """What is timed: the next request to send, on which connection, and the status it must get."""

    connection: Connection
    request: Callable[[], bytes]
    status: int = 200
    cpu: Callable[[], Sequence[float]] = tuple
    """Processor time so far, in seconds, of each kind of process in PARTS."""


PARTS = ("server", "redis", "database")


@dataclass(frozen=True)
class BlockValue:
    """One arm in one block, in milliseconds per request; `flagged` says that the machine was not quiet.

    `cpu` is processor time, as many milliseconds as there are PARTS; none where it was not looked at.
    """

    launch: int
    block: int
    ms: float
    flagged: bool
    cpu: tuple[float, ...] = ()

    @property
    def compact(self) -> list[float]:
        """Launch, block, ms, flagged, then the parts: a run keeps thousands of these."""
        return [
            self.launch,
            self.block,
            round(self.ms, 4),
            int(self.flagged),
            *(round(ms, 4) for ms in self.cpu),
        ]

    @classmethod
    def read(cls, compact: Sequence[float]) -> "BlockValue":
        """What `compact` wrote."""
        launch, block, ms, loud, *cpu = compact
        return cls(int(launch), int(block), ms, bool(loud), tuple(cpu))


class Timed(Claim[BlockValue]):
    """A claim decided by how long it takes. The frame visits all arms in blocks, over several launches."""

    alone = True

    @abstractmethod
    def begin(self, arm: Arm, site: Site, transcript: Transcript) -> Shot:
        """Once per launch: prove that this arm does what it says, then say what to time. Raises Broken."""

    @abstractmethod
    def precise_enough(self, samples: Mapping[str, Sequence[BlockValue]]) -> bool:
        """Whether more blocks would be wasted. Looks at widths only, never at the verdict."""


@dataclass(frozen=True)
class Evidence:
    """What another claim came to in the same run."""

    verdict: Verdict
    samples: Mapping[str, Sequence[Any]]


class Derived(Claim[Sample]):
    """A claim decided by what other claims of the same run have found; it measures nothing itself."""

    budget = (1, 1)

    def arms(self, quick: bool) -> list[Arm]:
        return []

    @abstractmethod
    def derive(self, evidence: Mapping[str, Evidence]) -> Mapping[str, Sequence[Sample]]:
        """Samples for the judge. Raises Broken or Skipped where what is needed was not found."""
