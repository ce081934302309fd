"""The results that come with the repo, and the table in its README: both from one run."""

import textwrap
from collections.abc import Mapping
from typing import Any

from authcompare.experiments import results
from authcompare.experiments.telling import readme
from authcompare.experiments.telling.contents import conclusion
from authcompare.experiments.telling.markdown import table

PART = "verdicts"  # of the README
CELL_CHARACTERS = 240
FOLDER = "authcompare/experiments/claims"


def ship(found: Mapping[str, Any]) -> None:
    """Keep these results for those who have not measured yet, and say them in the README.

    What was measured anew replaces what was shipped of the same claims; each says when, and at which commit.
    """
    both = results.merged(results.read(results.SHIPPED), found)
    results.write(results.SHIPPED, both)
    readme.put(PART, verdicts(both))


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
    runs = {one["measured"]["started"] for one in found["claims"]}
    where = readme.measured_on(max(runs), found["environment"], found["command"])
    which = f", the newest of {len(runs)} runs" if len(runs) > 1 else ""
    words = f"{where}{which}; with all figures and intervals at `/report/`."
    return f"{table(['Row', 'Verdict', 'In words'], rows)}\n\n{words}\n"


def in_short(text: str) -> str:
    """As many of its sentences as fit into a cell, or the start of the first one."""
    if len(text) <= CELL_CHARACTERS:
        return text
    whole = text[:CELL_CHARACTERS].rpartition(". ")[0]
    return f"{whole}." if whole else textwrap.shorten(text, CELL_CHARACTERS, placeholder=" …")
