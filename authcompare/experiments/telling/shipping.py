"""The results that come with the repo, and the table in its README: both from one run."""

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from authcompare.experiments import results
from authcompare.experiments.servers import BASE_DIR
from authcompare.experiments.telling.contents import conclusion
from authcompare.experiments.telling.markdown import table

README = BASE_DIR / "README.md"
BETWEEN = re.compile(r"(<!-- verdicts -->\n).*?(<!-- /verdicts -->)", re.DOTALL)
CELL_CHARACTERS = 240
FOLDER = "authcompare/experiments/claims"


def ship(found: Mapping[str, Any]) -> None:
    """Keep these results for those who have not measured yet, and say them in the README.

    What was measured anew replaces what was shipped of the same claims; each says when, and at which commit.
    """
    both = results.merged(results.read(results.SHIPPED), found)
    results.write(results.SHIPPED, both)
    README.write_text(with_table(README.read_text(), both))


def with_table(readme: str, found: Mapping[str, Any]) -> str:
    """The README with the table of this run."""
    return BETWEEN.sub(lambda marks: f"{marks[1]}{verdicts(found)}{marks[2]}", readme)


def verdicts(found: Mapping[str, Any]) -> str:
    """A row a claim, with where its file is and what it was measured on."""
    rows = [
        [
            f"[{one['row']}]({FOLDER}/{one['name']}.py)",
            f"**{one['verdict']['kind']}**",
            in_short(conclusion(one)),
        ]
        for one in found["claims"]
    ]
    machine = found["environment"]
    first = found["claims"][0]["measured"]
    where = (
        f"Measured {first['started'][:10]} on {machine['cpu']}, {machine['cores']} cores, "
        f"by `{found['command']}`; with all figures and intervals at `/report/`."
    )
    return f"{table(['Row', 'Verdict', 'In words'], rows)}\n\n{where}\n"


def in_short(text: str) -> str:
    """As many of its sentences as fit into a cell, or the start of the first one."""
    if len(text) <= CELL_CHARACTERS:
        return text
    whole = text[:CELL_CHARACTERS].rpartition(". ")[0]
    return f"{whole}." if whole else textwrap.shorten(text, CELL_CHARACTERS, placeholder=" …")
