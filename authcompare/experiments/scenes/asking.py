"""Somebody who goes on asking while a store goes and comes back, and what he was answered in each phase."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.wire import Answer

BEFORE, UNDER_WAY, AWAY, AFTER = "before", "under way", "away", "after"


@dataclass(frozen=True)
class Times:
    """When the store began to go, was gone, began to come back, was back, and when nobody asked any more."""

    start: float
    going: float
    gone: float
    coming: float
    back: float
    over: float

    @property
    def phases(self) -> dict[str, tuple[float, float]]:
        """From when to when each lasted."""
        return {
            BEFORE: (self.start, self.going),
            UNDER_WAY: (self.going, self.back),
            AWAY: (self.gone, self.coming),
            AFTER: (self.back, self.over),
        }

    def phase(self, one: "Heard") -> str:
        """To which this answer belongs. Only what cannot have met the store says what its absence does.

        Who asked before it had gone, and was answered only when it came back, has felt the absence, too.
        """
        if one.ended < self.going:
            return BEFORE
        if one.began >= self.back:
            return AFTER
        could_meet_it = one.began >= self.coming or (one.began < self.gone and one.ended < self.coming)
        return UNDER_WAY if could_meet_it else AWAY


@dataclass(frozen=True)
class Felt:
    """What one caller was answered in one phase: how often what, and the longest wait.

    `accepted_until` is when the last accepted request of the phase began, in seconds into the phase;
    `accepted_from` when the first acceptance came in.
    """

    drill: str
    caller: str
    phase: str
    answers: tuple[tuple[str, int], ...]
    accepted: int
    refused: int
    longest_ms: float
    seconds: float
    accepted_until: float
    accepted_from: float = 0.0

    @property
    def n(self) -> int:
        """How many requests."""
        return sum(count for _, count in self.answers)


@dataclass(frozen=True)
class Heard:
    """One answer: when its request began and how long it took, in seconds."""

    began: float
    took: float
    outcome: Outcome
    said: str

    @property
    def ended(self) -> float:
        """When it was in."""
        return self.began + self.took


@dataclass
class Caller:
    """Somebody who asks again and again. `ended` callers show a credential whose login has been ended."""

    name: str
    scheme: str
    every: float
    ask: Callable[[str], Answer]
    ended: bool = False
    heard: list[Heard] = field(default_factory=list)

    def call(self, note: str = "") -> None:
        """Ask once and remember."""
        began = time.monotonic()
        answer = self.ask(note)
        took = time.monotonic() - began
        self.heard.append(Heard(began, took, outcome(answer, self.scheme), described(answer)))

    def let_in_since(self, moment: float) -> bool:
        """Whether anything that was asked after it has been accepted."""
        return any(one.began >= moment and one.outcome is Outcome.ACCEPTED for one in self.heard)

    def felt(self, drill: str, times: Times) -> list[Felt]:
        """By phase."""
        found = []
        for phase, (start, end) in times.phases.items():
            if heard := [one for one in self.heard if times.phase(one) == phase]:
                found.append(_felt(drill, self.name, phase, heard, start, end))
        return found


def _felt(drill: str, caller: str, phase: str, heard: Sequence[Heard], start: float, end: float) -> Felt:
    accepted = [one for one in heard if one.outcome is Outcome.ACCEPTED]
    return Felt(
        drill,
        caller,
        phase,
        tuple(Counter(one.said for one in heard).items()),
        len(accepted),
        sum(one.outcome is Outcome.REFUSED for one in heard),
        1000 * max(one.took for one in heard),
        end - start,
        max((one.began - start for one in accepted), default=0.0),
        min((one.ended - start for one in accepted), default=0.0),
    )
