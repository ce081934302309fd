"""`manage.py compare --bench`: figures too long or too particular for every run, most of them with a goal."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from authcompare.experiments.bench import conditions, garbage, million, record, stock, storm, workers, wrk
from authcompare.experiments.deployments.deployment import Skipped
from authcompare.experiments.live.fleet import Fleet

ALL = "all"
BENCHES = {
    "stock": stock.run,
    "garbage": garbage.run,
    "storm": storm.run,
    "workers": workers.run,
    "million": million.run,
    "wrk": wrk.run,
    "conditions": conditions.run,
}


def measured(
    wanted: str, run: Mapping[str, Any], tell: Callable[[str], None]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each benchmark's name and what it found, as it is done; one that cannot be done here says why.

    Raises Broken.
    """
    with Fleet() as fleet:
        for name in BENCHES if wanted == ALL else [wanted]:
            began, told = time.monotonic(), partial(_tell, tell, name)
            try:
                found = BENCHES[name](fleet, run["quick"], run["seed"], told)
            except Skipped as skipped:
                told(f"skipped. {skipped}")
            else:
                yield name, record.entry(found, run, time.monotonic() - began)


def _tell(tell: Callable[[str], None], name: str, text: str) -> None:
    tell(f"{name}: {text}")
