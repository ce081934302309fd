"""What authentication adds to a request: ours against set-ups from the shelf that end a login no sooner.

In one run, block by block, every process carrying its own `/open/`, launches repeated; see timing.py.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from authcompare.experiments.bench import paired
from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.bench.shelf import STOCK, Served, Shelf
from authcompare.experiments.claim import Arm, Shot
from authcompare.experiments.claims.performance import Performance
from authcompare.experiments.costs.comparison import (
    Samples,
    added,
    estimate,
    loud_blocks,
    nothing_differs,
)
from authcompare.experiments.costs.controls import CONFIDENCE, DELTA_MS
from authcompare.experiments.costs.timed_arms import ARMS, base
from authcompare.experiments.estimates import Estimate
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.frame import deployments_of
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.timing import Measured, Plan, measure_launch, warm_up
from authcompare.experiments.verdict import Figure

FULL = Plan(launches=12, blocks=20, warm_requests=300, warm_seconds=8.0, budget_seconds=0)
QUICK = Plan(launches=6, blocks=6, warm_requests=60, warm_seconds=3.0, budget_seconds=0)
AGAIN = ", again"
# What we add, as a share of what the other adds; set before anything was measured.
GOALS = (
    ("sessions, cached", "Django cached_db", 0.30),
    ("sessions, database", "Django db", 0.70),
    ("tokens, none", "SimpleJWT JWTStatelessUserAuthentication", 0.30),
    ("tokens, none, first sight", "SimpleJWT JWTStatelessUserAuthentication", 1.05),
    ("tokens, denylist", "SimpleJWT JWTAuthentication", 0.35),
    ("tokens, database", "SimpleJWT JWTAuthentication", 0.90),
)
OURS = {ours: base(ours) for ours, _, _ in GOALS}
BASES = {**OURS, **{stock.name: f"open, {stock.name}" for stock in STOCK}}


def run(fleet: Fleet, quick: bool, seed: int, tell: Callable[[str], None]) -> Bench:
    """Measure all in one run and compare. Raises Broken if a set-up does not do what it says."""
    plan, source, measured = QUICK if quick else FULL, random.Random(seed), Measured()  # noqa: S311
    shelf = Shelf(fleet)
    with shelf.prepared():
        for launch in range(plan.launches):
            tell(f"launch {launch + 1} of {plan.launches}: starting")
            with shelf.served() as stocks, ExitStack() as ending:
                ending.callback(fleet.end)
                shots = {**_our_shots(fleet), **_stock_shots(stocks)}
                steady = [name for name in shots if name.startswith("open")]
                warm_up(shots, steady, plan, source)
                measure_launch(shots, launch, plan, source, measured)
    return judge(measured.samples)


def _our_shots(fleet: Fleet) -> dict[str, Shot]:
    claim, wanted = Performance(), {*OURS, *OURS.values()}
    arms: list[Arm] = [arm for arm in claim.arms(quick=False) if arm.name in wanted]
    sites = {site.deployment.name: site for site in fleet.start(deployments_of(arms))}
    return {arm.name: claim.begin(arm, sites[arm.deployment.name], Transcript()) for arm in arms}


def _stock_shots(stocks: Sequence[Served]) -> dict[str, Shot]:
    """Each twice: as many arms a process as ours, and a control that nothing differs from itself."""
    shots = {}
    for served in stocks:
        name = served.stock.name
        for arm, path in ((f"open, {name}", "/open/me/"), (name, "/me/"), (name + AGAIN, "/me/")):
            request = served.request(path)
            shots[arm] = Shot(Connection(served.door), lambda request=request: request)  # type: ignore[misc]
    return shots


def judge(samples: Samples) -> Bench:
    """From block values to goals; pure."""
    nulls = _nulls(samples)
    biased = [name for name, null in nulls.items() if not nothing_differs(null, DELTA_MS)]
    goals = tuple(
        replace(goal, disputed=goal.disputed or theirs in biased)
        for ours, theirs, limit in GOALS
        for goal in [_goal(samples, ours, theirs, limit)]
    )
    told = (*_later(), *paired.doubts(samples), *(_differs(name, nulls[name]) for name in biased))
    return Bench("Added by authentication: ours / from the shelf", goals, _figures(samples, nulls), told)


def _goal(samples: Samples, ours: str, theirs: str, limit: float) -> Goal:
    one, other = (added(samples, arm, BASES[arm]) for arm in (ours, theirs))
    return paired.goal(f"{ours} / {theirs}", one, other, loud_blocks(samples), limit)


def _nulls(samples: Samples) -> dict[str, Estimate]:
    """Each set-up minus itself."""
    return {
        stock.name: estimate(added(samples, stock.name + AGAIN, stock.name), CONFIDENCE) for stock in STOCK
    }


def _differs(name: str, null: Estimate) -> str:
    return f"{name} differs from itself by {null.text()}: no goal that is compared with it is decided."


def _later() -> list[str]:
    """Where ours guarantees less than what it is compared with: a copy, or a token, says who asks."""
    promised = {stock.name: stock.guarantees for stock in STOCK}
    seen = {ours: promise.rights_seen for ours, one in ARMS.items() if (promise := one.guarantees)}
    return [
        f"Changed rights: {ours} sees them within {seen[ours]} s, {theirs} at once."
        for ours, theirs, _ in GOALS
        if seen[ours] and "rights at once" in promised[theirs]
    ]


def _figures(samples: Samples, nulls: Mapping[str, Estimate]) -> tuple[Figure, ...]:
    notes = {stock.name: stock.guarantees for stock in STOCK}
    notes |= {arm.name: arm.guarantees.text for arm in Performance().arms(quick=False) if arm.guarantees}
    costs = {arm: estimate(added(samples, arm, plain), CONFIDENCE) for arm, plain in BASES.items()}
    against = {f"{name} against itself": null for name, null in nulls.items()}
    return tuple(
        Figure.of(name, one, "ms", note=notes.get(name, "")) for name, one in {**costs, **against}.items()
    )
