"""A visit's steps on live servers: counted in one process, timed in others that do not count."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product
from typing import TypeVar

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
from authcompare.experiments.credentials.gate import prove_by
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.promises import ACCESS_SECONDS, SESSIONS, of_tokens

IDLE_SECONDS = 12  # here, so that `last_seen_at` is written every 1.2 s
TOUCHED_SECONDS = IDLE_SECONDS / 10 + 0.05
BATCH, OTHERS = 10, 3  # requests
SCHEMES = ("session", "token")

Anything = TypeVar("Anything")


def warmed_up(site: Site, transcript: Transcript) -> list[Step]:
    """A visit of each scheme to every process, all at the same time; what it takes is counted in one.

    In the others it proves, too, that they check: what is fast because it does not is not timed.
    """
    with ThreadPoolExecutor() as pool:
        warming = [pool.submit(_warm, scheme, site, launch) for scheme, launch in _timed(site)]
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


def _warm(scheme: str, site: Site, launch: int) -> None:
    metered = Metered(scheme, site, site.doors[launch], Transcript())
    for steps in (_arrive(metered, site), _turn(metered), _turn(metered)):
        list(steps)
    prove_by(metered.client, _ends_at_once(scheme, site))  # and so leave


def _ends_at_once(scheme: str, site: Site) -> bool:
    store, check = (site.deployment.settings[name] for name in ("SESSION_STORE", "TOKEN_CHECK"))
    promise = SESSIONS[store] if scheme == "session" else of_tokens(check, ACCESS_SECONDS)
    return promise.ends_at_once


def _counted(scheme: str, site: Site, transcript: Transcript) -> list[Step]:
    door = replace(site.doors[COUNTED], process=site.processes()["instances"][COUNTED])
    metered = Counted(scheme, site, door, transcript)
    arrived = _noted(COUNTED, metered, _arrive(metered, site))
    site.wait(TOUCHED_SECONDS)
    return [*arrived, *_noted(COUNTED, metered, _turn(metered)), *_noted(COUNTED, metered, _leave(metered))]


def _arrive(metered: Metered, site: Site) -> Iterator[tuple[str, Used]]:
    yield LOGIN, metered.use(lambda client: client.login(site.username, site.password))
    yield FIRST, metered.use(lambda client: client.me("the first request"))


def _leave(metered: Metered) -> Iterator[tuple[str, Used]]:
    yield LOGOUT, metered.use(lambda client: client.logout())


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


def there_and_back(several: Sequence[Anything], number: int) -> Sequence[Anything]:
    """In the order of this round: every second one goes backwards, so that a drift cancels."""
    return several[::-1] if number % 2 else several


def timed(site: Site, rounds: int) -> list[Step]:
    """Both schemes by turns in every process, so that whatever else the machine does meets all of them."""
    clients = [
        (launch, Metered(scheme, site, site.doors[launch], Transcript())) for scheme, launch in _timed(site)
    ]
    found = _arrived(clients, site)
    due = dict.fromkeys(clients, time.monotonic() + TOUCHED_SECONDS)
    for number in range(rounds):
        for launch, one in there_and_back(clients, number):
            site.wait(due[launch, one] - time.monotonic())
            found += _noted(launch, one, _turn(one))
            due[launch, one] = time.monotonic() + TOUCHED_SECONDS
    return [*found, *(step for launch, one in clients for step in _noted(launch, one, _leave(one)))]


def _arrived(clients: Sequence[tuple[int, Metered]], site: Site) -> list[Step]:
    """One after the other. Who is there already asks meanwhile: so many hashes may outlast the idle limit."""
    found = []
    for here, (launch, one) in enumerate(clients, 1):
        found += _noted(launch, one, _arrive(one, site))
        for _, other in clients[:here]:
            other.client.me()
    return found


def _noted(launch: int, metered: Metered, used: Iterator[tuple[str, Used]]) -> list[Step]:
    return [Step(metered.client.scheme, kind, launch, one) for kind, one in used]
