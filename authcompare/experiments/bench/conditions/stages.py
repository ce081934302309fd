"""What stands while some of the conditions are measured, and how requests are made under each of them."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from authcompare.experiments.bench.conditions.connections import NewEachTime, ToEveryWorker
from authcompare.experiments.bench.conditions.crowd import Crowd, Shown
from authcompare.experiments.bench.conditions.named import (
    AGAIN,
    ASKED,
    BOUND,
    BOUNDED,
    DRAWN,
    FEW,
    HTTP2,
    MANY,
    NEW,
    PROCESSES_OF,
    TIMED,
    UNMET,
    USUAL,
    WORKERS,
    Condition,
)
from authcompare.experiments.claim import Shot
from authcompare.experiments.costs.timed_arms import ARMS, COMPARED, PROCESSES
from authcompare.experiments.credentials.gate import prove
from authcompare.experiments.deployments.deployment import Door, Site
from authcompare.experiments.exchanges.http2 import Http2Connection
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.timing import timed

Draw = Callable[[], int]
Sites = Mapping[str, Site]


@dataclass(frozen=True)
class Way:
    """How a condition's requests are made: for which of the logins, and on what kind of connection.

    `known` logins were asked about once before anything is timed; those met `once` only never are again.
    """

    condition: Condition
    logins: Sequence[int]
    arms: tuple[str, ...] = TIMED
    connect: Callable[[Door], Connection] = Connection
    known: bool = False
    once: bool = False

    def draw(self, source: random.Random) -> Draw:
        """The numbers of the logins that one arm is asked about, one after the other."""
        if self.once:
            return partial(next, iter(source.sample(self.logins, len(self.logins))))
        return partial(source.choice, self.logins)


@dataclass(frozen=True)
class Stage:
    """Deployments on a database with so many logins of each kind, and the ways in which they are asked."""

    name: str
    logins: int
    ways: tuple[Way, ...]
    workers: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)


STEP = MANY // ASKED
SPREAD = range(0, MANY, STEP)
STAGES = (
    Stage(
        "few",
        FEW,
        (
            Way(USUAL, range(FEW), (*TIMED, AGAIN)),
            Way(NEW, range(FEW), connect=NewEachTime),
            Way(HTTP2, range(1), connect=Http2Connection),
        ),
    ),
    Stage(
        "many",
        MANY,
        (
            Way(DRAWN, SPREAD, known=True),
            Way(UNMET, [number for number in range(MANY) if number % STEP], COMPARED, once=True),
        ),
    ),
    Stage(
        "bounded", ASKED, (Way(BOUNDED, range(ASKED), known=True),), settings={"TOKEN_REMEMBERED": str(BOUND)}
    ),
    Stage(
        "workers",
        ASKED,
        (Way(WORKERS, range(ASKED), connect=partial(ToEveryWorker, workers=4), known=True),),
        workers=4,
    ),
)


@contextmanager
def standing(stage: Stage, fleet: Fleet, crowd: Crowd, source: random.Random) -> Iterator[dict[str, Shot]]:
    """Its deployments, proven, and what to send to them. Raises Broken."""
    deployments = [
        replace(
            PROCESSES[name],
            name=f"{name}-{stage.name}",
            settings={**PROCESSES[name].settings, **stage.settings, "DATABASE_URL": crowd.url},
            workers=stage.workers,
        )
        for name in PROCESSES_OF
    ]
    try:
        sites = dict(zip(PROCESSES_OF, fleet.start(deployments), strict=True))
        prove_all(sites)
        shown = {name: Shown(crowd, site) for name, site in sites.items()}
        yield {name: shot for way in stage.ways for name, shot in _shots(way, sites, shown, source).items()}
    finally:
        fleet.end()


def prove_all(sites: Sites) -> None:
    """An authenticator that is fast because it does not check is never timed. Raises Broken."""
    for arm in COMPARED:
        promise = ARMS[arm].guarantees
        assert promise is not None
        prove(sites[ARMS[arm].process], ARMS[arm].client, promise.ends_at_once, Transcript())


def _shots(way: Way, sites: Sites, shown: Mapping[str, Shown], source: random.Random) -> dict[str, Shot]:
    found = {}
    for arm in way.arms:
        one = ARMS[arm]
        request = _request(shown[one.process], one.client, way.draw(source))
        found[arm] = Shot(way.connect(sites[one.process].doors[0]), request)
    if way.known:
        _introduce(way, found, shown)
    return {way.condition.key(arm): shot for arm, shot in found.items()}


def _request(shown: Shown, client: str, draw: Draw) -> Callable[[], bytes]:
    if client == "open":
        return lambda: shown.request(client, 0)
    return lambda: shown.request(client, draw())


def _introduce(way: Way, shots: Mapping[str, Shot], shown: Mapping[str, Shown]) -> None:
    """Every login is asked about once, on the connections that are timed later; all processes at once."""

    def introduce(process: str) -> None:
        for arm in way.arms:
            if ARMS[arm].process == process and ARMS[arm].client != "open":
                shots[arm].connection.open()
                for number in way.logins:
                    timed(shots[arm], shown[process].request(ARMS[arm].client, number))

    with ThreadPoolExecutor(len(shown)) as pool:
        list(pool.map(introduce, shown))
