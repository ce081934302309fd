"""The results that come with the repo, and the table in its README: both from one run."""

from collections.abc import Mapping
from typing import Any

from authcompare.experiments import results
from authcompare.experiments.telling import readme
from authcompare.experiments.telling.contents import VERDICT_HEADS, conclusion
from authcompare.experiments.telling.markdown import table

PART = "verdicts"  # of the README
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
            one["statement"],
            f"**{one['verdict']['kind']}**",
            conclusion(one),
        ]
        for one in found["claims"]
    ]
    runs = {one["measured"]["started"] for one in found["claims"]}
    where = readme.measured_on(max(runs), found["environment"], found["command"])
    which = f", the newest of {len(runs)} runs" if len(runs) > 1 else ""
    words = f"{where}{which}; with all figures and intervals at `/report/`."
    return f"{table(VERDICT_HEADS, rows)}\n\n{words}\n"
