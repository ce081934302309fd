"""What people say about sessions and tokens, in 52 sentences: the claims that the verdicts decide."""

from csv import DictReader
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "common_claims.tsv"


def read() -> dict[str, str]:
    """Each sentence by its id."""
    with TABLE.open(newline="") as file:
        return {row["id"]: row["claim"] for row in DictReader(file, delimiter="\t")}


COMMON = read()
