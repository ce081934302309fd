"""The results that come with the repo, and the table in its README: both from one run."""

import re
from collections.abc import Mapping
from typing import Any

from authcompare.experiments import results
from authcompare.experiments.markdown import table
from authcompare.experiments.servers import BASE_DIR

README = BASE_DIR / "README.md"
BETWEEN = re.compile(r"(<!-- verdicts -->\n).*?(<!-- /verdicts -->)", re.DOTALL)
FOLDER = "authcompare/experiments/claims"


def ship(found: Mapping[str, Any]) -> None:
    """Keep these results for those who have not measured yet, and say them in the README."""
    results.write(results.SHIPPED, found)
    README.write_text(with_table(README.read_text(), found))


def with_table(readme: str, found: Mapping[str, Any]) -> str:
    """The README with the table of this run."""
    return BETWEEN.sub(lambda marks: f"{marks[1]}{verdicts(found)}{marks[2]}", readme)


def verdicts(found: Mapping[str, Any]) -> str:
    """A row a claim, with where its file is and what it was measured on."""
    rows = [
        [f"[{one['row']}]({FOLDER}/{one['name']}.py)", *_words(one["verdict"])] for one in found["claims"]
    ]
    machine = found["environment"]
    first = found["claims"][0]["measured"]
    where = (
        f"Measured {first['started'][:10]} on {machine['cpu']}, {machine['cores']} cores, "
        f"by `{found['command']}`; with all figures and intervals at `/report/`."
    )
    return f"{table(['Row', 'Verdict', 'Measured', 'So the rule is'], rows)}\n\n{where}\n"


def _words(verdict: Mapping[str, Any]) -> list[str]:
    return [f"**{verdict['kind']}**", verdict["because"], verdict["rule"]]
