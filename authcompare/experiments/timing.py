"""The order of measuring: launches of blocks of visits. One arm after the other cannot be compared."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median

from authcompare.experiments.claim import BlockValue, Shot
from authcompare.experiments.costs.noise import Moment, Noise, canary_ms, flagged
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.exchanges.refusal import described

REQUESTS = 10
DROPPED = 2  # the first after a switch is slower by a third
STEADY = 0.05
STEADY_BLOCKS = 3


@dataclass(frozen=True)
class Plan:
    """How much is measured. `budget_seconds` bounds the one extension.

    `forked`: the servers of a launch are not started each by itself, which takes three times as long.
    """

    launches: int
    blocks: int
    warm_requests: int
    warm_seconds: float
    budget_seconds: float
    forked: bool = False


QUICK = Plan(launches=6, blocks=6, warm_requests=300, warm_seconds=1.0, budget_seconds=0, forked=True)
FULL = Plan(launches=12, blocks=25, warm_requests=300, warm_seconds=3.0, budget_seconds=330)


@dataclass(frozen=True)
class Warm:
    """What came before the blocks of a launch: how often every arm was asked, and how it ended."""

    requests: int
    steady: bool


@dataclass
class Measured:
    """Whole blocks only."""

    values: dict[str, list[BlockValue]] = field(default_factory=dict)
    warmed: list[Warm] = field(default_factory=list)
    noises: list[Noise] = field(default_factory=list)
    client_cpu: float = 0.0
    seconds: float = 0.0

    @property
    def samples(self) -> dict[str, list[BlockValue]]:
        """The values, flagged by what the whole run says about the machine."""
        loud = flagged(self.noises)
        return {
            arm: [replace(value, flagged=(value.launch, value.block) in loud) for value in values]
            for arm, values in self.values.items()
        }

    @property
    def launches(self) -> int:
        """How many launches have at least one whole block."""
        return len({noise.launch for noise in self.noises})

    @property
    def warm(self) -> str:
        """How warm the launches were; empty before the first."""
        if not self.warmed:
            return ""
        least, steady = min(one.requests for one in self.warmed), sum(one.steady for one in self.warmed)
        return (
            f"Before its blocks a launch was warmed up: every arm was asked {least} times or more. In "
            f"{steady} of {len(self.warmed)} launches it ended as the open views repeated themselves, "
            f"{STEADY_BLOCKS} rounds within {STEADY:.0%}; in the others because its time was over."
        )

    @property
    def client_share(self) -> float:
        """The client's CPU time as a share of one core while blocks ran."""
        return self.client_cpu / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Visited:
    """Milliseconds per request: on the clock the median of the warm ones, on processors the mean of all."""

    ms: float
    cpu: tuple[float, ...]


def visit(shot: Shot) -> Visited:
    """Ten requests on one warm connection; the first two are sent and not timed."""
    requests = [shot.request() for _ in range(REQUESTS)]
    shot.connection.open()
    before = shot.cpu()
    times = [timed(shot, request) for request in requests]
    cpu = tuple((now - then) * 1000 / REQUESTS for then, now in zip(before, shot.cpu(), strict=True))
    return Visited(median(times[DROPPED:]), cpu)


def timed(shot: Shot, request: bytes) -> float:
    """Milliseconds of one exchange. Raises Broken if the answer is not the one that is wanted."""
    started = time.perf_counter_ns()
    answer = shot.connection.exchange(request)
    took = (time.perf_counter_ns() - started) / 1e6
    if answer.status != shot.status:
        raise Broken(f"while timing, an answer was {described(answer)} instead of {shot.status}")
    return took


def block(shots: Mapping[str, Shot], source: random.Random) -> dict[str, Visited]:
    """Every arm twice, in random order and then mirrored, so that a drift cancels; mean of the two visits."""
    order = source.sample(list(shots), len(shots))
    visits: dict[str, list[Visited]] = {arm: [] for arm in order}
    for arm in [*order, *reversed(order)]:
        visits[arm].append(visit(shots[arm]))
    return {arm: _mean(*both) for arm, both in visits.items()}


def _mean(one: Visited, other: Visited) -> Visited:
    cpu = tuple(fmean(both) for both in zip(one.cpu, other.cpu, strict=True))
    return Visited(fmean((one.ms, other.ms)), cpu)


def warm_up(shots: Mapping[str, Shot], steady_arms: Sequence[str], plan: Plan, source: random.Random) -> Warm:
    """Until every arm has had its requests and `steady_arms` repeat themselves; never longer than planned."""
    started, rounds, history = time.monotonic(), 0, list[float]()
    while time.monotonic() - started < plan.warm_seconds:
        values = block(shots, source)
        rounds += 1
        history.append(fmean(values[arm].ms for arm in steady_arms))
        if rounds * 2 * REQUESTS >= plan.warm_requests and _steady(history[-STEADY_BLOCKS:]):
            return Warm(rounds * 2 * REQUESTS, steady=True)
    return Warm(rounds * 2 * REQUESTS, steady=False)


def _steady(recent: Sequence[float]) -> bool:
    return len(recent) == STEADY_BLOCKS and max(recent) <= min(recent) * (1 + STEADY)


def measure_launch(
    shots: Mapping[str, Shot],
    launch: int,
    plan: Plan,
    source: random.Random,
    into: Measured,
    told: Callable[[int], None] = lambda block: None,
) -> None:
    """The blocks of one launch; a block that is interrupted leaves nothing behind."""
    for number in range(plan.blocks):
        canary, before = canary_ms(), Moment.now()
        started = time.monotonic()
        values = block(shots, source)
        into.seconds += time.monotonic() - started
        after = Moment.now()
        into.client_cpu += after.client_seconds - before.client_seconds
        into.noises.append(Noise.between(launch, number, max(canary, canary_ms()), before, after))
        for arm, one in values.items():
            value = BlockValue(launch, number, one.ms, flagged=False, cpu=one.cpu)
            into.values.setdefault(arm, []).append(value)
        told(number + 1)
