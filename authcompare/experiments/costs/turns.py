"""A visit's steps on live servers: counted in one process, timed in others that do not count."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product

from authcompare.experiments.clients import Client
from authcompare.experiments.costs.metering import Counted, Metered, Used
from authcompare.experiments.costs.visits import (
    COUNTED,
    FIRST,
    LOGIN,
    LOGOUT,
    RENEWAL,
    REQUEST,
    SINGLE,
    TOUCH,
    Step,
)
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer

IDLE_SECONDS = 5  # here, so that `last_seen_at` is written every 0.5 s
TOUCHED_SECONDS = IDLE_SECONDS / 10 + 0.05
BATCH, OTHERS = 10, 3  # requests
SCHEMES = ("session", "token")


def warmed_up(site: Site, transcript: Transcript) -> list[Step]:
    """A visit of each scheme to every process, all at the same time; what it takes is counted in one."""
    with ThreadPoolExecutor() as pool:
        warming = [pool.submit(_visit_twice, scheme, site, launch) for scheme, launch in _timed(site)]
        site.terminate(COUNTED)
        site.restart(COUNTED, {"WIRE": "True"})
        counting = [pool.submit(_counted, scheme, site, transcript) for scheme in SCHEMES]
    for one in warming:
        one.result()
    return [step for one in counting for step in one.result()]


def _timed(site: Site) -> list[tuple[str, int]]:
    """Both schemes in every process that is timed; the process before the scheme changes."""
    launches = range(COUNTED + 1, len(site.doors))
    return [(scheme, launch) for launch, scheme in product(launches, SCHEMES)]


def _visit_twice(scheme: str, site: Site, launch: int) -> None:
    metered = Metered(scheme, site, site.doors[launch], Transcript())
    metered.use(lambda client: client.login(site.username, site.password))
    for _ in range(2):
        list(_turn(metered))
    metered.use(lambda client: client.logout())


def _counted(scheme: str, site: Site, transcript: Transcript) -> list[Step]:
    door = replace(site.doors[COUNTED], process=site.processes()["instances"][COUNTED])
    metered = Counted(scheme, site, door, transcript)
    login = metered.use(lambda client: client.login(site.username, site.password))
    first = metered.use(lambda client: client.me("the first request"))
    site.wait(TOUCHED_SECONDS)
    steps = [(LOGIN, login), (FIRST, first), *_turn(metered)]
    steps.append((LOGOUT, metered.use(lambda client: client.logout())))
    return [Step(scheme, kind, COUNTED, used) for kind, used in steps]


def _turn(metered: Metered) -> Iterator[tuple[str, Used]]:
    """A request that may write when it came, one that need not, some in a row, and what renews a token.

    Others come before each that is by itself: a process that cools down in a pause is no part of the price.
    """
    for kind in (TOUCH, SINGLE):
        metered.use(lambda client: client.send("GET", "/open/me/", {}), OTHERS)
        yield kind, metered.use(partial(_asks, kind))
    yield REQUEST, metered.use(lambda client: client.me(), BATCH)
    if metered.client.scheme == "token":
        refresh = metered.use(lambda client: client.refresh(note="renews"))
        yield RENEWAL, refresh + metered.use(lambda client: client.me())


def _asks(note: str, client: Client) -> Answer:
    return client.me(note)


def timed(site: Site, rounds: int) -> list[Step]:
    """Both schemes by turns in every process, so that whatever else the machine does meets all of them."""
    clients = {
        (scheme, launch): Metered(scheme, site, site.doors[launch], Transcript())
        for scheme, launch in _timed(site)
    }
    found: list[Step] = []
    for (scheme, launch), one in clients.items():
        login = one.use(lambda client: client.login(site.username, site.password))
        first = one.use(lambda client: client.me())
        found += [Step(scheme, LOGIN, launch, login), Step(scheme, FIRST, launch, first)]
    due = dict.fromkeys(clients, time.monotonic() + TOUCHED_SECONDS)
    for number in range(rounds):
        for scheme, launch in list(clients)[:: 1 - 2 * (number % 2)]:
            site.wait(due[scheme, launch] - time.monotonic())
            found += [Step(scheme, kind, launch, used) for kind, used in _turn(clients[scheme, launch])]
            due[scheme, launch] = time.monotonic() + TOUCHED_SECONDS
    for (scheme, launch), one in clients.items():
        found.append(Step(scheme, LOGOUT, launch, one.use(lambda client: client.logout())))
    return found
