"""Does the order of the schemes hold where it is not one busy login on one warm connection?

Many logins and few, remembered and never met, four workers, new connections, HTTP/2, stores at a distance,
first requests: under each of them what sessions and tokens add to the open view of their process.
"""

import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from authcompare.experiments.bench.conditions import cold, far, stages
from authcompare.experiments.bench.conditions.crowd import Crowd
from authcompare.experiments.bench.conditions.found import Found, Sent
from authcompare.experiments.bench.conditions.judging import judge
from authcompare.experiments.bench.conditions.named import HTTP2, TIMED
from authcompare.experiments.bench.conditions.stages import STAGES
from authcompare.experiments.bench.goal import Bench
from authcompare.experiments.claim import Shot
from authcompare.experiments.deployments.deployment import Skipped
from authcompare.experiments.exchanges.http2 import Http2Connection
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.servers import Watchdog
from authcompare.experiments.timing import Measured, Plan, measure_launch, warm_up

FULL = Plan(launches=6, blocks=6, warm_requests=60, warm_seconds=1.5, budget_seconds=0)
QUICK = Plan(launches=3, blocks=3, warm_requests=20, warm_seconds=0.5, budget_seconds=0)


def run(fleet: Fleet, quick: bool, seed: int, tell: Callable[[str], None]) -> Bench:
    """Measure under every condition. Raises Broken."""
    plan, source, found = QUICK if quick else FULL, random.Random(seed), Found()  # noqa: S311
    tell("making logins")
    with _crowds(fleet) as crowds:
        for launch in range(plan.launches):
            tell(f"launch {launch + 1} of {plan.launches}")
            for stage in STAGES:
                with stages.standing(stage, fleet, crowds[stage.logins], source) as shots:
                    _measure(shots, launch, plan, source, found.measured[stage.name])
                    found.sent |= _sent(shots)
            _measure_far(fleet, launch, plan, source, found)
            for key, value in cold.measure(fleet, launch, source).items():
                found.first[key].append(value)
    return judge(found)


@contextmanager
def _crowds(fleet: Fleet) -> Iterator[Mapping[int, Crowd]]:
    """A database for each size; gone afterwards."""
    watchdog = Watchdog()
    try:
        with tempfile.TemporaryDirectory(prefix="authcompare-crowds-") as place:
            watchdog.charge("directory", place)
            yield {size: Crowd.made(fleet, Path(place), size) for size in {stage.logins for stage in STAGES}}
    finally:
        watchdog.close()


def _measure(
    shots: Mapping[str, Shot], launch: int, plan: Plan, source: random.Random, into: Measured
) -> None:
    warm_up(shots, [name for name in shots if ": open" in name], plan, source)
    measure_launch(shots, launch, plan, source, into)


def _measure_far(fleet: Fleet, launch: int, plan: Plan, source: random.Random, found: Found) -> None:
    try:
        with far.standing(fleet) as standing:
            _measure(standing.shots, launch, plan, source, found.measured["far"])
    except Skipped as skipped:
        found.left_out.add(f"Without stores at a distance: {skipped}")
        return
    found.hops.append(standing.hop)
    for arm, trips in standing.trips.items():
        found.trips[arm].append(trips)


def _sent(shots: Mapping[str, Shot]) -> dict[str, Sent]:
    """How large requests are that were made before, where there are any over HTTP/2."""
    over_http2 = {arm: shots[HTTP2.key(arm)] for arm in TIMED if HTTP2.key(arm) in shots}
    return {
        arm: Sent(shot.connection.sent, len(shot.request()))
        for arm, shot in over_http2.items()
        if isinstance(shot.connection, Http2Connection)
    }
