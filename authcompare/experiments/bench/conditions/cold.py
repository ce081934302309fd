"""First requests: of a worker that has just started, and of one whose store has just been started again.

One of each a launch, for a process has only one first request: an instance for the open view, one for
sessions, one for tokens. Each has one thread, which its readiness probe has used, as behind any balancer.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from authcompare.experiments.bench.conditions.named import (
    PROCESSES_OF,
    RESTARTED,
    STARTED,
    TIMED,
    Condition,
)
from authcompare.experiments.claim import BlockValue, Shot
from authcompare.experiments.clients import Client, compose, logged_in
from authcompare.experiments.costs.timed_arms import ARMS, PATHS, PROCESSES
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.live.postgres import is_installed
from authcompare.experiments.timing import timed


@dataclass(frozen=True)
class Cold:
    """Sites of which each instance is asked by one client only."""

    sites: Mapping[str, Site]
    clients: dict[str, dict[str, Client]]


def measure(fleet: Fleet, launch: int, source: random.Random) -> dict[str, BlockValue]:
    """One value of each arm under both conditions. Raises Broken."""
    try:
        sites = dict(zip(PROCESSES_OF, fleet.start(map(_deployment, PROCESSES_OF)), strict=True))
        cold = Cold(sites, {})
        found = _first(STARTED, cold, launch, source)
        for site in sites.values():
            for store in filter(None, (site.redis, site.database)):
                store.stop()
                store.start()
        return {**found, **_first(RESTARTED, cold, launch, source)}
    finally:
        fleet.end()


def _deployment(name: str) -> Deployment:
    database = "postgresql" if name == "row" and is_installed() else "sqlite"
    instances = len(_clients(name))
    return replace(PROCESSES[name], name=f"{name}-cold", instances=instances, threads=1, database=database)


def _clients(process: str) -> list[str]:
    """Who asks which instance: the first one is for the open view, and for logging in."""
    return [ARMS[arm].client for arm in TIMED if ARMS[arm].process == process]


def _first(condition: Condition, cold: Cold, launch: int, source: random.Random) -> dict[str, BlockValue]:
    opened = [arm for arm in TIMED if ARMS[arm].client == "open"]
    others = [arm for arm in TIMED if ARMS[arm].client != "open"]
    # The open views come first: whoever logs in for the others does it at their instances.
    order = [*source.sample(opened, len(opened)), *source.sample(others, len(others))]
    return {condition.key(arm): BlockValue(launch, 0, _first_ms(arm, cold), flagged=False) for arm in order}


def _first_ms(arm: str, cold: Cold) -> float:
    process, client = ARMS[arm].process, ARMS[arm].client
    site = cold.sites[process]
    headers = {} if client == "open" else _showing(process, client, cold)
    door = site.doors[_clients(process).index(client)]
    shot = Shot(Connection(door), lambda: compose(door, "GET", PATHS[client], headers))
    shot.connection.open()
    return timed(shot, shot.request())


def _showing(process: str, client: str, cold: Cold) -> Mapping[str, str]:
    """Of a login that was made, and has been asked about, at the first instance."""
    clients, site = cold.clients.setdefault(process, {}), cold.sites[process]
    if client not in clients:
        clients[client] = logged_in(client, site.doors[0], site.username, site.password)
        clients[client].me()
    return clients[client].showing(clients[client].credential)
