"""Redis and PostgreSQL behind a proxy that makes them as far away as each arm wants them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from authcompare.experiments.bench.conditions.named import DISTANCES, NEAR, PROCESSES_OF, TIMED
from authcompare.experiments.bench.conditions.stages import Sites, prove_all
from authcompare.experiments.claim import Shot
from authcompare.experiments.clients import compose, logged_in
from authcompare.experiments.costs.timed_arms import ARMS, PATHS, PROCESSES
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.deployments.stores import Store
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.distance import Distance, Distant, ping_ms
from authcompare.experiments.live.embedded import EmbeddedStore
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.live.postgres import Cluster
from authcompare.experiments.servers import Watchdog

COUNTED = 20  # requests, after as many that are not counted: the first ones connect


@dataclass(frozen=True)
class Far:
    """What to send, how often each arm goes to its store, and what the proxy costs without a delay (ms)."""

    shots: dict[str, Shot]
    trips: dict[str, float]
    hop: float


@contextmanager
def standing(fleet: Fleet) -> Iterator[Far]:
    """Deployments whose stores are behind proxies. Raises Skipped without PostgreSQL, Broken."""
    cluster = Cluster(fleet.cluster)
    redis = EmbeddedStore()
    with ExitStack() as ending:
        watchdog = Watchdog()
        ending.callback(watchdog.close)
        distances = {
            "copy": _behind(redis, "process", watchdog, ending),
            "row": _behind(cluster, "database", watchdog, ending),
        }
        ending.callback(fleet.end)
        asked = {
            "copy": {"REDIS_URL": distances["copy"].far(redis.url)},
            "row": {"DATABASE_URL": distances["row"].far(cluster.url)},
        }
        deployments = [_deployment(name, asked.get(name, {})) for name in PROCESSES_OF]
        sites = dict(zip(PROCESSES_OF, fleet.start(deployments), strict=True))
        prove_all(sites)
        shots = _shots(sites, distances)
        trips = {arm: _trips(shots[NEAR.key(arm)], distances.get(ARMS[arm].process)) for arm in TIMED}
        yield Far(shots, trips, ping_ms(distances["copy"].socket) - ping_ms(redis.socket))


def _behind(server: EmbeddedStore | Cluster, kind: str, watchdog: Watchdog, ending: ExitStack) -> Distance:
    """The server on its feet behind a proxy of its own; both are gone when the stack unwinds."""
    store, distance = Store(server, watchdog.charge, watchdog.discharge, kind), Distance(server.socket)
    watchdog.charge("directory", distance.directory)
    ending.callback(store.close)
    store.start()
    ending.callback(distance.close)
    distance.start()
    watchdog.charge("group", distance.pid)
    return distance


def _deployment(name: str, stores: dict[str, str]) -> Deployment:
    """With one thread: another one would have to connect before its first round trip that counts."""
    settings = {**PROCESSES[name].settings, **stores}
    return replace(PROCESSES[name], name=f"{name}-far", settings=settings, threads=1)


def _shots(sites: Sites, distances: dict[str, Distance]) -> dict[str, Shot]:
    """Every arm without a delay, and those that ask a store at every distance."""
    found = {}
    for arm in TIMED:
        site, distance = sites[ARMS[arm].process], distances.get(ARMS[arm].process)
        request = _request(site, ARMS[arm].client)
        for condition, ms in DISTANCES.items():
            if condition is NEAR or (distance and ARMS[arm].client != "open"):
                door = site.doors[0]
                connection = Distant(door, distance, ms) if distance else Connection(door)
                found[condition.key(arm)] = Shot(connection, lambda request=request: request)  # type: ignore[misc]
    return found


def _request(site: Site, client: str) -> bytes:
    door = site.doors[0]
    if client == "open":
        return compose(door, "GET", PATHS[client], {})
    who = logged_in(client, door, site.username, site.password)
    return compose(door, "GET", PATHS[client], who.showing(who.credential))


def _trips(shot: Shot, distance: Distance | None) -> float:
    """Round trips to the store per request, as the proxy saw them; none where there is no store to ask."""
    counts = []
    for _ in range(2):
        for _ in range(COUNTED):
            shot.connection.send(shot.request())
        counts.append(distance.set(0) if distance else 0)
    return (counts[1] - counts[0]) / COUNTED
