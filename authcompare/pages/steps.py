"""The walk through both schemes as data: what each step asks, what it needs, and what its outcome means."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, Self

from authcompare.pages.seen import Seen
from authcompare.wire.exchange import Exchange

LOGIN = {"username": "{username}", "password": "{password}"}
Meaning = str | Callable[[Seen], str]
BRIEF_SECONDS = 5  # how long the access token lives that the lab makes for "Let it expire"


class Being(Enum):
    """How a login stands between two steps."""

    NOTHING = "no login"
    LIVE = "a login that works"
    EXPIRED = "a login that has expired"
    ENDED = "a login that was ended elsewhere"

    @classmethod
    def named(cls, name: str) -> "Being":
        """By its name; NOTHING for what is no name."""
        return cls.__members__.get(name, cls.NOTHING)


@dataclass(frozen=True)
class Ask:
    """One request. `{username}`, `{password}`, `{refresh}` are filled in by whoever sends it; `wait` is in
    seconds, after the answer."""

    method: str
    path: str
    body: Mapping[str, str] | None = None
    wait: int = 0


@dataclass(frozen=True)
class Side:
    """A step under one scheme. `outcomes`: the statuses of its answers → what that means, in a sentence or by
    what was seen of the first of them."""

    happens: tuple[str, ...]
    asks: tuple[Ask, ...]
    outcomes: Mapping[str, Meaning]

    def meaning(self, exchanges: Sequence[Exchange]) -> str:
        """What these came to, or that nobody expected it."""
        statuses = " ".join(str(one.status) for one in exchanges)
        unexpected = f"Not as expected: the answer was {statuses}. It says below what was wrong."
        said = self.outcomes.get(statuses, unexpected)
        return said if isinstance(said, str) else said(Seen.of(exchanges[0]))


@dataclass(frozen=True)
class Step:
    """One stop of the rail; sides by scheme. It shows the exchanges of the steps `shows`."""

    number: int
    title: str
    needs: Being
    leaves: Being
    sides: Mapping[str, Side]
    shows: tuple[int, ...] = ()

    def is_shown_by(self, number: int) -> bool:
        """Whether what step `number` did is what this one looks at."""
        return number == self.number or number in self.shows


@dataclass(frozen=True)
class State:
    """What was done last under one scheme, as it stands in the address: `3.LOGIN-ID.REQUEST-ID.…`.

    `login` may also be the id of a request by that login: who sends it need not know which login it was.
    """

    step: int = 0
    login: str = ""
    ids: tuple[str, ...] = field(default=())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Whatever is no state is the state before the first step."""
        step, login, *ids = [*text[:200].split("."), ""]
        ids = [one for one in ids if one.isalnum()]
        known = step.isascii() and step.isdigit() and len(step) == 1
        return cls(int(step), login, tuple(ids)) if known and int(step) <= 8 else cls()

    def __str__(self) -> str:
        return ".".join([str(self.step), self.login, *self.ids]) if self.step else ""


def steps_to(needed: Being, now: Being) -> list[int]:
    """The steps that lead from one state to another; each needs its first request only."""
    if needed in (Being.NOTHING, now):
        return []
    login = [] if now is Being.LIVE else [1]
    return login + {Being.LIVE: [], Being.EXPIRED: [5], Being.ENDED: [7]}[needed]


def asks(every: Mapping[int, Step], scheme: str, step: Step, now: Being) -> list[dict[str, Any]]:
    """All requests of a step, with those before it that are missing; `own` says which are the step's."""
    before = [every[number].sides[scheme].asks[0] for number in steps_to(step.needs, now)]
    return [*_plain(before, own=False), *_plain(step.sides[scheme].asks, own=True)]


def _plain(those: Iterable[Ask], own: bool) -> list[dict[str, Any]]:
    return [asdict(ask) | {"own": own} for ask in those]
