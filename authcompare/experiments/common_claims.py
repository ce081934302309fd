"""What people say about sessions and tokens, in 52 sentences: the claims that the verdicts decide."""

from csv import DictReader
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "common_claims.tsv"


@dataclass(frozen=True)
class CommonClaim:
    """One sentence; `made_in` says where an article that compares the two has it: text, table, summary."""

    id: str
    scheme: str
    claim: str
    made_in: str

    @property
    def where(self) -> str:
        """In words: of what it is said, and where."""
        return f"said of {WHAT[self.scheme]}, in the {' and '.join(self.made_in.split(', '))}"


WHAT = {"session": "sessions", "token": "tokens", "both": "both"}


def read() -> dict[str, CommonClaim]:
    """Each sentence by its id."""
    with TABLE.open(newline="") as file:
        return {row["id"]: CommonClaim(**row) for row in DictReader(file, delimiter="\t")}


COMMON = read()
