"""Where each of the common claims stands: which verdicts decided it or, if none did, which claim would."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from authcompare.experiments.common_claims import COMMON, CommonClaim


@dataclass(frozen=True)
class Ruling:
    """What one claim said about it."""

    name: str
    row: str
    kind: str
    because: str


@dataclass(frozen=True)
class Standing:
    """A common claim with its rulings. `came_to` is the verdict of every claim that was measured, by name."""

    claim: CommonClaim
    rulings: tuple[Ruling, ...]
    came_to: Mapping[str, str]

    @property
    def open_because(self) -> str:
        """Who would decide it, where nobody did; else empty."""
        if self.rulings:
            return ""
        would = [self._open(*decider) for decider in deciders()[self.claim.id]]
        return f"It is decided by {'; or by '.join(would)}." if would else "No claim decides it yet."

    def _open(self, name: str, row: str) -> str:
        if name in self.came_to:
            return f"“{row}”, which came to {self.came_to[name]}"
        return f"“{row}”, which has not been measured yet: python manage.py compare {name}"


def standings(entries: Sequence[Mapping[str, Any]]) -> list[Standing]:
    """All of them, in the order of their ids. `entries` are the claims of a results file."""
    came_to = {entry["name"]: entry["verdict"]["kind"] for entry in entries}
    return [Standing(one, _rulings(one.id, entries), came_to) for one in COMMON.values()]


def decided(found: Iterable[Standing]) -> int:
    """How many have a verdict."""
    return sum(bool(one.rulings) for one in found)


@cache
def deciders() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Which claims (name and row) say that they decide it, by id."""
    from authcompare.experiments.claims import discover  # half a second that a server need not spend to start

    claims = discover()
    return {name: tuple((one.name, one.row) for one in claims if name in one.decides) for name in COMMON}


def _rulings(name: str, entries: Sequence[Mapping[str, Any]]) -> tuple[Ruling, ...]:
    return tuple(
        Ruling(entry["name"], entry["row"], ruling["kind"], ruling["because"])
        for entry in entries
        if (ruling := entry["verdict"]["decisions"].get(name))
    )
