"""Where each of the common claims stands: which verdicts decided it or, if none did, which claim would."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from authcompare.experiments.claims import discover
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
    """A common claim with its rulings; `open_because` says who would decide it where nobody did."""

    claim: CommonClaim
    rulings: tuple[Ruling, ...]
    open_because: str


def standings(entries: Sequence[Mapping[str, Any]]) -> list[Standing]:
    """All of them, in the order of their ids. `entries` are the claims of a results file."""
    return [_standing(one, entries) for one in COMMON.values()]


def decided(found: Iterable[Standing]) -> int:
    """How many have a verdict."""
    return sum(bool(one.rulings) for one in found)


@cache
def deciders() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Which claims (name and row) say that they decide it, by id."""
    claims = discover()
    return {name: tuple((one.name, one.row) for one in claims if name in one.decides) for name in COMMON}


def _standing(claim: CommonClaim, entries: Sequence[Mapping[str, Any]]) -> Standing:
    rulings = tuple(
        Ruling(entry["name"], entry["row"], ruling["kind"], ruling["because"])
        for entry in entries
        if (ruling := entry["verdict"]["decisions"].get(claim.id))
    )
    return Standing(claim, rulings, "" if rulings else _open_because(claim.id, entries))


def _open_because(name: str, entries: Sequence[Mapping[str, Any]]) -> str:
    came_to = {entry["name"]: entry["verdict"]["kind"] for entry in entries}
    would = [
        f"“{row}”, which came to {came_to[claim]}"
        if claim in came_to
        else f"“{row}”, which has not been measured yet: python manage.py compare {claim}"
        for claim, row in deciders()[name]
    ]
    return f"It is decided by {'; or by '.join(would)}." if would else "No claim decides it yet."
