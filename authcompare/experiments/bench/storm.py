"""Password hashing must not starve who is logged in: `me/` in quiet, and while a storm of logins goes on.

At a fixed rate, each answer timed from the moment its request was due (a request that has to wait for its
predecessor has waited). The hasher is the product's own.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.clients import Client, TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site
from authcompare.experiments.estimates import quantile, ratio
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Figure

ARMS = {
    "sessions, cached, and tokens, denylist": {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist"},
    "sessions and tokens, database": {"SESSION_STORE": "database", "TOKEN_CHECK": "database"},
}
THREADS = 8  # as the demo is served, see logins/hashing.py
CLIENTS, LOGINS_A_SECOND, REQUESTS_A_SECOND = 16, 40, 50
FULL_SECONDS, QUICK_SECONDS = 30, 8
SHARE, LIMIT = 0.95, 5.0  # the storm's 95th percentile, at most so many times the quiet one
AS_IF = "The intervals count each request as if no other had delayed it."


@dataclass
class Heard:
    """What came back: milliseconds of the requests, statuses of the logins."""

    quiet: list[float] = field(default_factory=list)
    storm: list[float] = field(default_factory=list)
    logins: Counter[int] = field(default_factory=Counter)


def run(fleet: Fleet, quick: bool, seed: int, tell: Callable[[str], None]) -> Bench:
    """Measure every arm, one after the other. Raises Broken where a request is not answered 200."""
    requests, heard = REQUESTS_A_SECOND * (QUICK_SECONDS if quick else FULL_SECONDS), {}
    for name, settings in ARMS.items():
        deployment = Deployment("storm", {**settings, "LAB_FAST_HASHER": "0"}, threads=THREADS)
        (site,) = fleet.start([deployment])
        clients = [logged_in(s, site.doors[0], site.username, site.password) for s in ("session", "token")]
        tell(f"{name}: quiet")
        heard[name] = Heard(quiet=at_a_fixed_rate(clients, lambda number: number < requests))
        tell(f"{name}: {LOGINS_A_SECOND} logins a second")
        with Storm(site, heard[name].logins, seed):
            heard[name].storm = at_a_fixed_rate(clients, lambda number: number < requests)
        fleet.end()
    return judge(heard)


def at_a_fixed_rate(clients: Sequence[Client], goes_on: Callable[[int], bool]) -> list[float]:
    """Milliseconds of each request, from when it was due; `goes_on` says whether there is one of that number.

    Raises Broken for one that is not answered 200.
    """
    began, took = time.perf_counter() + 0.1, list[float]()
    while goes_on(number := len(took)):
        due = began + number / REQUESTS_A_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
        answer = clients[number % len(clients)].me()
        took.append((time.perf_counter() - due) * 1000)
        if answer.status != 200:
            raise Broken(f"who is logged in was answered {answer.status or answer.failure}")
    return took


class Storm:
    """So many clients who log in, half of them with a wrong password, at a fixed rate until it is over."""

    def __init__(self, site: Site, statuses: Counter[int], seed: int) -> None:
        self._site, self._statuses, self._random = site, statuses, random.Random(seed)  # noqa: S311
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._log_in) for _ in range(CLIENTS)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *what: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _log_in(self) -> None:
        client = TokenClient(self._site.doors[0])
        while not self._over.wait(self._random.uniform(0.5, 1.5) * CLIENTS / LOGINS_A_SECOND):
            password = self._random.choice((self._site.password, "a wrong one"))
            self._statuses[client.login("bob", password).status] += 1


def judge(heard: dict[str, Heard]) -> Bench:
    """From latencies to goals; pure."""
    goals, figures = [], []
    for name, one in heard.items():
        if not one.logins[200] or not one.logins[401]:
            raise Broken(
                f"{name}: a storm in which nobody was let in or refused was none: {dict(one.logins)}"
            )
        slower = ratio(quantile(one.storm, SHARE), quantile(one.quiet, SHARE))
        goals.append(Goal.of(f"{name}: 95th percentile, storm / quiet", slower, "", LIMIT))
        figures += [_slow(name, "quiet", one.quiet), _slow(name, "storm", one.storm)]
        words = ", ".join(f"{count} answered {status}" for status, count in sorted(one.logins.items()))
        figures.append(Figure(f"{name}: logins", sum(one.logins.values()), "", 0, note=words))
    return Bench("Who is logged in, during a storm of logins", tuple(goals), tuple(figures), (AS_IF,))


def _slow(name: str, when: str, took: Sequence[float]) -> Figure:
    found = quantile(took, SHARE)
    middle, late = (quantile(took, share).value for share in (0.5, 0.99))
    note = f"p50 {middle:.1f}, p99 {late:.1f}, seen at most {max(took):.1f} ms"
    return Figure.of(f"{name}: p95 in {when}", found, "ms", note=note)
