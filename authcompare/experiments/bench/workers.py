"""A worker is killed while it answers: lost is what it was about to say, or had not read yet, and no more.

People work by both ways on four workers; one worker after the other gets SIGKILL. granian starts another in
its place (`--respawn-failed-workers`); without that the whole server went down with one of them. A worker
that fails within 5.5 s of its start is taken for a crash loop, and then granian ends, too: whoever serves
with it needs a supervisor above it, and here the newest worker is spared.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.clients import Client, logged_in
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site
from authcompare.experiments.deployments.processes import children
from authcompare.experiments.estimates import none_of
from authcompare.experiments.exchanges.wire import connections_to_every_worker
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Figure

WORKERS, PEOPLE = 4, 8
KILLS, QUICK_KILLS = 12, 3
PAUSE_SECONDS, BACK_WITHIN_SECONDS = 1.5, 10.0
LIMIT_STALL_MS = 250.0
CUT_OFF = "connections of one person that broke with one worker, seen at most"
LOST_BY_ONE = 2  # on the kept connection, and on one made to the dying worker's own socket in that instant
OWN_SOCKETS = "Each worker listens on a socket of its own: who connects anew to a dying one is cut off twice."


@dataclass
class Felt:
    """What the people got: answers by status (0: the connection broke), and the longest wait."""

    answers: Counter[int] = field(default_factory=Counter)
    longest_ms: float = 0.0
    lost: int = 0  # people who were logged in before and are not any more
    broke: list[list[int]] = field(default_factory=list)  # with each killed worker, by person


def run(fleet: Fleet, quick: bool, seed: int, tell: Callable[[str], None]) -> Bench:
    """Kill workers under load. Raises Broken where a killed worker is not replaced."""
    source = random.Random(seed)  # noqa: S311
    settings = {"SESSION_STORE": "cached", "TOKEN_CHECK": "denylist"}
    (site,) = fleet.start([Deployment("workers", settings, workers=WORKERS)])
    people = [_logged_in(site, number) for number in range(PEOPLE)]
    over = threading.Event()
    each = [Felt() for _ in people]  # one for each thread: nobody counts over what another has counted
    pairs = zip(people, each, strict=True)
    threads = [threading.Thread(target=_work, args=(person, over, mine)) for person, mine in pairs]
    for thread in threads:
        thread.start()
    newest: set[int] = set()
    broke = [[0] * PEOPLE]
    try:
        for number in range(QUICK_KILLS if quick else KILLS):
            tell(f"worker {number + 1}")
            newest = _kill_one(site, source, spared=newest)
            _wait_until_answered(each)
            broke.append([mine.answers[0] for mine in each])
    finally:
        over.set()
        for thread in threads:
            thread.join()
    lost = sum(person.me().status != 200 for person in people)
    fleet.end()
    return judge(_together(each, lost, [_between(*two) for two in pairwise(broke)]))


def _logged_in(site: Site, number: int) -> Client:
    client: Client = logged_in(("session", "token")[number % 2], site.doors[0], site.username, site.password)
    return client


def _work(person: Client, over: threading.Event, felt: Felt) -> None:
    while not over.is_set():
        began = time.perf_counter()
        felt.answers[person.me().status] += 1
        felt.longest_ms = max(felt.longest_ms, (time.perf_counter() - began) * 1000)


def _between(before: Sequence[int], now: Sequence[int]) -> list[int]:
    return [later - earlier for earlier, later in zip(before, now, strict=True)]


def _together(each: Sequence[Felt], lost: int, broke: list[list[int]]) -> Felt:
    answers = sum((mine.answers for mine in each), Counter[int]())
    return Felt(answers, max(mine.longest_ms for mine in each), lost, broke)


def _kill_one(site: Site, source: random.Random, spared: set[int]) -> set[int]:
    """Returns what came in its place."""
    before = set(_workers(site))
    os.kill(source.choice(sorted(before - spared)), signal.SIGKILL)
    deadline = time.monotonic() + BACK_WITHIN_SECONDS
    while not (newest := set(_workers(site)) - before):
        if time.monotonic() > deadline:
            raise Broken(f"A killed worker was not replaced within {BACK_WITHIN_SECONDS:.0f} s.")
        time.sleep(0.05)
    for connection in connections_to_every_worker(site.doors[0]):
        connection.close()
    time.sleep(PAUSE_SECONDS)  # let it take its share of the work
    return newest


def _wait_until_answered(each: Sequence[Felt]) -> None:
    """Whoever has not yet noticed that a worker died would count it with the next one.

    Twice: the first answer may have been on its way before. Who gets none is counted as he is.
    """
    wanted = [_answered(mine) + 2 for mine in each]
    deadline = time.monotonic() + BACK_WITHIN_SECONDS
    while any(_answered(mine) < goal for mine, goal in zip(each, wanted, strict=True)):
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _answered(felt: Felt) -> int:
    return sum(count for status, count in list(felt.answers.items()) if status)


def _workers(site: Site) -> Sequence[int]:
    process = site.doors[0].process
    assert process is not None
    return children(process)


def judge(felt: Felt) -> Bench:
    """From what was felt to goals; pure."""
    asked, killed = sum(felt.answers.values()), len(felt.broke)
    if not felt.answers[200] or not felt.broke:
        raise Broken(f"Nobody worked while workers were killed: {dict(felt.answers)}")
    refused = sum(count for status, count in felt.answers.items() if 400 <= status < 500)
    errors = sum(count for status, count in felt.answers.items() if status >= 500)
    room = f"Where none of {asked:,} answers was one of those, up to {none_of(asked):.3%} may be, at 95 %."
    goals = (
        _seen("answers 5xx, seen", errors, "", asked, 0),
        _seen("answers 4xx, seen", refused, "", asked, 0),
        _seen("people logged out, seen", felt.lost, "", PEOPLE, 0),
        _seen(CUT_OFF, max(map(max, felt.broke)), "", killed, LOST_BY_ONE),
        _seen("wait, seen at most", felt.longest_ms, "ms", asked, LIMIT_STALL_MS),
    )
    words = ", ".join(
        f"{count} answered {status or 'not at all'}" for status, count in sorted(felt.answers.items())
    )
    hit = max(sum(number > 0 for number in one) for one in felt.broke)
    figures = (
        Figure("requests", asked, "", 0, note=words),
        Figure("workers killed", killed, "", 0),
        Figure("people cut off by one worker, at most", hit, "", killed, note=f"of {PEOPLE}"),
    )
    return Bench("Workers killed while people work", goals, figures, (OWN_SOCKETS, room))


def _seen(name: str, value: float, unit: str, n: int, limit: float) -> Goal:
    """Counts and the longest of one run: no interval says what another might see."""
    return Goal(name, Figure(name, value, unit, n), limit)
