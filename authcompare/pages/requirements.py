"""What OWASP ASVS 5.0 requires of this project at levels 1 and 2, and how it is met.

`asvs.json` is made from the tests' own table (`tests/asvs.tsv`) by `python -m tests.asvs`, and a test holds
that the two say the same: the product never reads its tests.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).with_name("asvs.json")


@dataclass(frozen=True, slots=True)
class Score:
    """Of the requirements that apply to a scheme: how many a test proves, how many a sentence answers."""

    scheme: str
    proven: int
    reasoned: int

    @property
    def total(self) -> int:
        return self.proven + self.reasoned


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A requirement that no test proves, and why not."""

    id: str
    level: int
    requirement: str
    why: str


@dataclass(frozen=True, slots=True)
class Requirements:
    """The table in short, as the report shows it."""

    scores: tuple[Score, ...]
    reasoned: tuple[Reasoned, ...]


@cache
def shipped() -> Requirements:
    """As shipped with the project."""
    found = json.loads(SHIPPED.read_text())
    return Requirements(
        tuple(Score(**each) for each in found["scores"]),
        tuple(Reasoned(**each) for each in found["reasoned"]),
    )


def in_words(scores: tuple[Score, ...]) -> str:
    """One sentence, for the README."""
    each = [
        f"{one.scheme}s {one.proven} of {one.total} (for {one.reasoned} a sentence says why not)"
        for one in scores
    ]
    return f"Of OWASP ASVS 5.0, levels 1 and 2, tests prove for {' and for '.join(each)}."
