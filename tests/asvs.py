"""The table of security requirements, `asvs.tsv`. `python -m tests.asvs` writes what is made from it."""

import csv
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from authcompare.pages.requirements import SHIPPED, Reasoned, Score, in_words

TESTS = Path(__file__).resolve().parent
README = TESTS.parent / "README.md"
SCHEMES = ("session", "token")
SENTENCE = re.compile(r"Of OWASP ASVS 5\.0, levels 1 and 2, tests prove .*")
CONTRACT = "contract::"  # what every scheme must do: proven for each of them
CONTRACTED = ("test_sessions.py::TestDatabaseSessions::", "test_tokens.py::TestDatabaseTokens::")


@dataclass(frozen=True)
class Requirement:
    """One line: proven by tests, or answered by a sentence."""

    id: str
    level: int
    requirement: str
    applies_to: str
    proven_by: tuple[str, ...]
    why_not: str

    @property
    def tests(self) -> list[str]:
        """Node ids below `tests/`."""
        return [
            place + name.removeprefix(CONTRACT)
            for name in self.proven_by
            for place in (CONTRACTED if name.startswith(CONTRACT) else ("",))
        ]


def table() -> list[Requirement]:
    with (TESTS / "asvs.tsv").open() as lines:
        return [
            Requirement(
                row["id"],
                int(row["level"]),
                row["requirement"],
                row["applies to"],
                tuple(row["proven by"].split()),
                row["or why not"] or "",
            )
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def scores() -> tuple[Score, ...]:
    """How each scheme fares."""
    counted = []
    for scheme in SCHEMES:
        applying = [row for row in table() if row.applies_to in (scheme, "both")]
        proven = sum(bool(row.proven_by) for row in applying)
        counted.append(Score(scheme, proven, len(applying) - proven))
    return tuple(counted)


def document() -> dict[str, Any]:
    """What the product ships of it."""
    reasoned = [Reasoned(row.id, row.level, row.requirement, row.why_not) for row in table() if row.why_not]
    return {"scores": [asdict(one) for one in scores()], "reasoned": [asdict(one) for one in reasoned]}


if __name__ == "__main__":
    SHIPPED.write_text(json.dumps(document(), indent=1) + "\n")
    README.write_text(SENTENCE.sub(in_words(scores()), README.read_text()))
