"""Does it stay as fast with a million logins of each kind? Beside ten thousand, turn by turn, on PostgreSQL.

Logging in, refreshing, asking, and ending all other logins of one user, over HTTP as users do it; the lists
of the admin; and `purgelogins` while people go on working.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import product
from statistics import median
from threading import Thread
from typing import TypeVar

from authcompare.experiments.bench import filling
from authcompare.experiments.bench.filling import LOGINS_OF_A_USER
from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.bench.storm import at_a_fixed_rate
from authcompare.experiments.clients import Client, SessionClient, TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site, Skipped
from authcompare.experiments.estimates import Estimate, quantile
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.live.weighing import LOGIN_TABLES
from authcompare.experiments.scenes.administrator import CHANGE_LISTS
from authcompare.experiments.servers import run_manage
from authcompare.experiments.verdict import Figure

FEW, MANY = 10_000, 1_000_000
OLD = MANY * 9 // 10
ROUNDS, QUICK_ROUNDS = 30, 8
END_MS, END_RATIO, FLAT_RATIO, PAGE_MS, STALL_MS = 10.0, 2.0, 1.2, 300.0, 250.0
REQUESTS_OF_A_ROUND, PAGE_ROUNDS, HALF, OF_ROUNDS = 10, 6, 0.5, "median of the rounds"
ONE_START = (
    "Each number of logins has one server, started once, on a database of its own: an interval says what "
    "other rounds would give there, not what another start would. n counts rounds; of the purge, requests."
)
FLAT = ("log in", "request", "refresh")
PAGES = ("", "?q=user777", "?q=10.77.3.100", "?state=active", "?device=Safari+on+iPhone", "?state=ended&p=1")
R = TypeVar("R")
Took = dict[tuple[str, str, int], list[float]]  # (scheme, act, rows) → milliseconds


def run(fleet: Fleet, quick: bool, seed: int, tell: Callable[[str], None]) -> Bench:
    """Measure all of it. Raises Skipped without PostgreSQL, Broken where an answer is not what it must be."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        raise Skipped("Needs PostgreSQL: set DATABASE_URL=postgres://… to a server that may be used.")
    took: Took = defaultdict(list)
    with ExitStack() as made:
        urls = {rows: made.enter_context(filling.own_database(server)) for rows in (FEW, MANY)}
        made.callback(fleet.end)
        sites = {rows: _site(fleet, rows, url, tell) for rows, url in urls.items()}
        for turn in range(QUICK_ROUNDS if quick else ROUNDS):
            tell(f"round {turn + 1}")
            for rows in (FEW, MANY) if turn % 2 else (MANY, FEW):
                for scheme in LOGIN_TABLES:
                    _act(scheme, rows, sites[rows], took)
        tell("the lists of the admin")
        _look(sites[MANY], took)
        weight = filling.bytes_a_row(urls[MANY])
        tell(f"purging {OLD:,} of each kind while people work")
        stalls = _purge(sites[MANY], urls[MANY])
    return judge(took, stalls, weight)


def _site(fleet: Fleet, rows: int, url: str, tell: Callable[[str], None]) -> Site:
    tell(f"{rows:,} logins of each kind: filling")
    deployment = Deployment(f"logins-{rows}", {"DATABASE_URL": url, "TOKEN_CHECK": "database"}, threads=4)
    environment = fleet.environment(deployment.environment)
    run_manage(environment, "migrate", "--noinput", "--verbosity", "0")
    run_manage(environment, "demousers")
    filling.fill(url, rows)
    return fleet.start([deployment])[0]


def _act(scheme: str, rows: int, site: Site, took: Took) -> None:
    """Ten logins of alice, requests, a refresh, an end of the other nine; of each one value is noted.

    What is done several times in a round is done within a second: it is no more than one observation.
    """
    made = [
        _ms(lambda: logged_in(scheme, site.doors[0], site.username, site.password))
        for _ in range(LOGINS_OF_A_USER)
    ]
    took[scheme, "log in", rows].append(median(ms for ms, _ in made))
    last: Client = made[-1][1]
    request = median(_accepted(last.me) for _ in range(REQUESTS_OF_A_ROUND))
    took[scheme, "request", rows].append(request)
    if isinstance(last, TokenClient):
        took[scheme, "refresh", rows].append(_accepted(last.refresh))
    whole, answer = _ms(last.end_others)
    if answer.status != 200 or answer.json["ended"] != LOGINS_OF_A_USER - 1:
        raise Broken(f"ending was answered {answer.status} {answer.body[:80]!r}")
    took[scheme, "end the others", rows].append(whole - request)
    last.logout()


def _look(site: Site, took: Took) -> None:
    admin: SessionClient = logged_in("session", site.doors[0], "admin", site.password)
    headers = {**admin.credential_headers(), "Accept": "text/html"}
    for _, (scheme, path), page in product(range(PAGE_ROUNDS), CHANGE_LISTS.items(), PAGES):
        ms = _accepted(partial(admin.send, "GET", path + page, headers))
        took[scheme, f"admin list{' ' if page else ''}{page}", MANY].append(ms)


def _purge(site: Site, url: str) -> list[float]:
    """Milliseconds of every request made meanwhile, from when it was due."""
    clients = [logged_in(scheme, site.doors[0], site.username, site.password) for scheme in LOGIN_TABLES]
    filling.age(url, OLD)
    before = filling.count(url)
    purge = Thread(target=run_manage, args=(site.environment, "purgelogins"))
    purge.start()
    took = at_a_fixed_rate(clients, lambda number: purge.is_alive())
    purge.join()
    after = filling.count(url)
    if any(before[scheme] - after[scheme] < OLD for scheme in LOGIN_TABLES):
        raise Broken(f"Not everything was purged: {before} before, {after} after.")
    return took


def _accepted(act: Callable[[], Answer]) -> float:
    ms, answer = _ms(act)
    if answer.status != 200:
        raise Broken(f"answered {answer.status or answer.failure}: {answer.body[:80]!r}")
    return ms


def _ms(act: Callable[[], R]) -> tuple[float, R]:
    began = time.perf_counter()
    answer = act()
    return (time.perf_counter() - began) * 1000, answer


def judge(took: Took, stalls: Sequence[float], weight: dict[str, float]) -> Bench:
    """From milliseconds to goals; pure."""
    goals = [
        *(goal for scheme in LOGIN_TABLES for goal in _ending(took, scheme)),
        *(_flat(took, scheme, act) for scheme, act, rows in took if act in FLAT and rows == MANY),
        *(_pages(took, scheme) for scheme in LOGIN_TABLES),
        _longest(stalls),
    ]
    figures = [_figure(*where, ms) for where, ms in sorted(took.items())]
    figures += [
        Figure(f"{scheme}: PostgreSQL keeps for one login, with its indexes", size, "bytes", MANY)
        for scheme, size in weight.items()
    ]
    return Bench(f"{MANY:,} logins of each kind", tuple(goals), tuple(figures), (ONE_START,))


def _ending(took: Took, scheme: str) -> tuple[Goal, Goal]:
    name = f"{scheme}: end {LOGINS_OF_A_USER - 1} logins of one user among {MANY:,}"
    few, many = (took[scheme, "end the others", rows] for rows in (FEW, MANY))
    note = "median, beside the request itself"
    return (
        Goal.of(name, quantile(many, HALF), "ms", END_MS, note),
        Goal.of(f"{name} / among {FEW:,}", _times(many, few), "", END_RATIO, OF_ROUNDS),
    )


def _flat(took: Took, scheme: str, act: str) -> Goal:
    few, many = (took[scheme, act, rows] for rows in (FEW, MANY))
    name = f"{scheme}: {act} among {MANY:,} / among {FEW:,}"
    return Goal.of(name, _times(many, few), "", FLAT_RATIO, OF_ROUNDS)


def _times(many: Sequence[float], few: Sequence[float]) -> Estimate:
    """Round by round: what the machine does meanwhile meets both.

    Raises Broken where it did so much that there is nothing to divide.
    """
    if min(*many, *few) <= 0:
        raise Broken("A request took longer than what was done in it beside: the machine is too loud.")
    return quantile([one / other for one, other in zip(many, few, strict=True)], HALF)


def _pages(took: Took, scheme: str) -> Goal:
    pages = {act: ms for (one, act, _), ms in took.items() if one == scheme and act.startswith("admin")}
    slowest = max(pages, key=lambda page: median(pages[page]))
    name = f"{scheme}: slowest of {len(pages)} pages of the admin's list: {slowest}"
    return Goal.of(name, quantile(pages[slowest], HALF), "ms", PAGE_MS, "median")


def _longest(stalls: Sequence[float]) -> Goal:
    """What one purge was seen to do; no interval says what another might."""
    name = f"wait while {OLD:,} of each kind are purged, seen at most"
    return Goal(name, Figure(name, max(stalls), "ms", len(stalls)), STALL_MS)


def _figure(scheme: str, act: str, rows: int, ms: list[float]) -> Figure:
    name, one = f"{scheme}, {act}, {rows:,} logins", quantile(ms, HALF)
    note = f"median; least {min(ms):.1f}, most {max(ms):.1f}"
    return Figure.of(name, one, "ms", note=note)
