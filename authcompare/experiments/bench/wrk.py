"""Does `wrk`, which is not ours, come to the same ratio of a request to the open one as our visits do?

On the same processes, one connection, slices of two seconds in turns: open, arm, arm, open. In each launch
they come before the visits.
"""

import random
import re
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from authcompare.experiments.bench import paired
from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.claim import Shot
from authcompare.experiments.costs import timed_arms
from authcompare.experiments.costs.comparison import Samples, blocks, loud_blocks
from authcompare.experiments.costs.timed_arms import COMPARED
from authcompare.experiments.deployments.deployment import Broken, Skipped
from authcompare.experiments.estimates import Estimate, by_launch, ratio_over_launches
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.frame import deployments_of
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.servers import run_program
from authcompare.experiments.timing import Measured, Plan, measure_launch, warm_up
from authcompare.experiments.verdict import Figure

LIMIT = 0.15
SLICE_SECONDS = 2
FULL = Plan(launches=6, blocks=20, warm_requests=300, warm_seconds=3.0, budget_seconds=0)
QUICK = Plan(launches=2, blocks=10, warm_requests=300, warm_seconds=1.0, budget_seconds=0)
RATE = re.compile(r"Requests/sec: +([\d.]+)")
WRONG = re.compile(r"Non-2xx or 3xx responses: +(\d+)|Socket errors: (.+)")


@dataclass
class Rates:
    """Milliseconds per request of an arm and of the open view of its process, launch by launch."""

    arm: list[list[float]] = field(default_factory=list)
    base: list[list[float]] = field(default_factory=list)


def run(fleet: Fleet, quick: bool, seed: int, tell: Callable[[str], None]) -> Bench:
    """Measure both ways. Raises Skipped without wrk, Broken where a request was not answered as it should."""
    program = shutil.which("wrk")
    if program is None:
        raise Skipped("wrk is not installed: apt-get install wrk")
    plan, source = QUICK if quick else FULL, random.Random(seed)  # noqa: S311
    theirs, ours = {name: Rates() for name in COMPARED}, Measured()
    for launch in range(plan.launches):
        tell(f"launch {launch + 1} of {plan.launches}")
        try:
            shots = _shots(fleet)
            warm_up(shots, [name for name in shots if name.startswith("open")], plan, source)
            for name, rates in theirs.items():
                _alternate(program, shots[name], shots[timed_arms.base(name)], rates)
            measure_launch(shots, launch, plan, source, ours)
        finally:
            fleet.end()
    return judge(theirs, ours)


def _shots(fleet: Fleet) -> dict[str, Shot]:
    wanted = {*COMPARED, *map(timed_arms.base, COMPARED)}
    arms = [arm for arm in timed_arms.arms(quick=True) if arm.name in wanted]
    sites = {site.deployment.name: site for site in fleet.start(deployments_of(arms))}
    return {arm.name: timed_arms.aimed(arm, sites[arm.deployment.name], Transcript()) for arm in arms}


def _alternate(program: str, arm: Shot, base: Shot, into: Rates) -> None:
    first, second, third, fourth = (_milliseconds(program, shot) for shot in (base, arm, arm, base))
    into.arm.append([fmean((second, third))])
    into.base.append([fmean((first, fourth))])


def _milliseconds(program: str, shot: Shot) -> float:
    door = shot.connection.door
    lines = shot.request().decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    headers = [word for line in lines[1:] for word in ("-H", line)]
    url = f"http://{door.address}:{door.port}{lines[0].split()[1]}"
    return milliseconds(run_program([program, "-t1", "-c1", f"-d{SLICE_SECONDS}s", *headers, url]))


def milliseconds(printed: str) -> float:
    """Of one request, from what wrk prints. Raises Broken if not all of them were answered 2xx."""
    rate, wrong = RATE.search(printed), WRONG.search(printed)
    if rate is None or wrong is not None or not float(rate[1]):
        raise Broken(f"wrk: {wrong[0] if wrong else printed.strip()[-200:]}")
    return 1000 / float(rate[1])


def judge(theirs: Mapping[str, Rates], ours: Measured) -> Bench:
    """From both to goals; pure."""
    samples = ours.samples
    found = {
        name: (ratio_over_launches(rates.arm, rates.base), ratio_over_launches(own.arm, own.base))
        for name, rates in theirs.items()
        for own in [_visits(name, samples)]
    }
    figures = tuple(
        Figure.of(f"{name} / open, {by}", one, "", one.n)
        for name, pair in found.items()
        for by, one in zip(("wrk", "ours"), pair, strict=True)
    )
    goals = tuple(_goal(name, rates, samples) for name, rates in theirs.items())
    title = "A request / the open request: wrk against our visits"
    return Bench(title, goals, figures, tuple(paired.doubts(samples)))


def _goal(name: str, wrk: Rates, samples: Samples) -> Goal:
    """Nobody has looked at the noise during wrk's slices, but at that during our visits after them."""
    quiet = _visits(name, samples, loud_blocks(samples))
    undisputed = _off(wrk, quiet) if len(quiet.arm) == len(wrk.arm) else None
    words = f"{name} / open: wrk differs by"
    return paired.judged(words, _off(wrk, _visits(name, samples)), undisputed, LIMIT)


def _visits(name: str, samples: Samples, loud: Collection[tuple[int, int]] = ()) -> Rates:
    arms = (blocks(samples[one]) for one in (name, timed_arms.base(name)))
    return Rates(*(by_launch(paired.without(one, loud)) for one in arms))


def _off(wrk: Rates, own: Rates) -> Estimate:
    """How far apart the two ratios are, as a share in either direction: both are from the same processes."""
    found = ratio_over_launches(_products(wrk.arm, own.base), _products(wrk.base, own.arm))
    low, value, high = (abs(end - 1) for end in (found.low, found.value, found.high))
    nearest = 0.0 if found.low <= 1 <= found.high else min(low, high)
    return Estimate(value, nearest, max(low, high), found.n, found.blocks)


def _products(ones: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> list[list[float]]:
    return [[median(one) * median(other)] for one, other in zip(ones, others, strict=True)]
