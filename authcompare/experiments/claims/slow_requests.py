"""Row "Performance: slow requests": how late answers are at a fixed rate, and how late the latest are."""

import math
import time
from collections.abc import Mapping, Sequence
from statistics import median

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.clients import compose, logged_in
from authcompare.experiments.costs.comparison import NEVER_FASTER, Outcome, kind_of, worded
from authcompare.experiments.costs.controls import DELTA_MS
from authcompare.experiments.costs.timed_arms import ARMS, PATHS, PROCESSES
from authcompare.experiments.deployments.deployment import Site, Skipped
from authcompare.experiments.estimates import Estimate, quantile
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.verdict import Figure, Kind, Verdict

RATE, SLICE_SECONDS = 200, 5  # per second, the same for all; below half of what the slowest arm can answer
TAIL = 10  # times the median: so late is counted
OPEN = "open, row"
ASKED = (
    OPEN,
    "sessions, database",
    "tokens, database",
    "sessions, cached",
    "tokens, denylist",
    "tokens, none",
)
PAIRS = {
    "looked up in Redis": ("tokens, denylist", "sessions, cached"),
    "looked up in the database": ("tokens, database", "sessions, database"),
}
SHARES = {"half": 0.50, "95 %": 0.95, "99 %": 0.99}
JUDGED = 0.95
QUICK = "It takes 2,000 requests an arm at a fixed rate: a full run has the time for that."


class SlowRequests(Probe[float]):
    """At a steady rate, tokens keep the slow requests faster than sessions do."""

    row = "Performance: slow requests"
    decides = ()
    alone = True
    rounds = (2, 2)
    budget = (1, 70)

    def arms(self, quick: bool) -> list[Arm]:
        if quick:
            raise Skipped(QUICK)
        return [
            Arm(name, PROCESSES[ARMS[name].process], ARMS[name].client, ARMS[name].guarantees)
            for name in ASKED
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[float]:
        door, headers = site.doors[0], {}
        if arm.client != "open":
            client = logged_in(arm.client, door, site.username, site.password, transcript)
            client.me("the request that is sent at a fixed rate")
            headers = client.showing(client.credential)
        return _at_a_fixed_rate(Connection(door), compose(door, "GET", PATHS[arm.client], headers), site)

    def judge(self, samples: Mapping[str, Sequence[float]]) -> Verdict:
        if missing := [name for name in ASKED if not samples.get(name)]:
            return Verdict.broken(f"Not measured: {', '.join(missing)}.")
        figures = tuple(figure for name in ASKED for figure in _figures(name, samples[name]))
        if lost := [name for name in ASKED if math.isinf(quantile(samples[name], JUDGED).high)]:
            return Verdict.broken(f"{lost[0]}: more than one in twenty requests had no answer.")
        gains = {words: _gain(samples, pair) for words, pair in PAIRS.items()}
        return _decided(gains, figures)


def _at_a_fixed_rate(connection: Connection, request: bytes, site: Site) -> list[float]:
    """Milliseconds from when each request was due, however late it could be sent; no answer is infinite."""
    connection.send(request)
    began, found = time.perf_counter() + 0.01, []
    for number in range(int(RATE * SLICE_SECONDS)):
        due = began + number / RATE
        site.wait(due - time.perf_counter())
        answer = connection.send(request)
        late = (time.perf_counter() - due) * 1000
        found.append(round(late, 3) if answer.status == 200 else math.inf)
    return found


def _gain(samples: Mapping[str, Sequence[float]], pair: tuple[str, str]) -> Estimate:
    """The difference of two quantiles; the widest interval that theirs allow."""
    one, other = (quantile(samples[name], JUDGED) for name in pair)
    return Estimate(
        one.value - other.value, one.low - other.high, one.high - other.low, one.n, one.n + other.n
    )


def _decided(gains: Mapping[str, Estimate], figures: tuple[Figure, ...]) -> Verdict:
    outcomes = {words: worded(gain, DELTA_MS) for words, gain in gains.items()}
    because = "; ".join(
        f"{words}: {gain.value:+.2f} ms ({gain.low:+.2f} to {gain.high:+.2f}), {outcomes[words]}"
        for words, gain in gains.items()
    )
    because = f"95 % of requests were answered within a time that differs, tokens minus sessions, {because}."
    kind = kind_of(outcomes.values())
    return Verdict(
        kind,
        because,
        rule=_rule(outcomes) if kind is Kind.DEPENDS else "",
        needs="a longer run on a quiet machine" if kind is Kind.INCONCLUSIVE else "",
        figures=figures,
    )


def _rule(outcomes: Mapping[str, Outcome]) -> str:
    faster = next(words for words, word in outcomes.items() if word is Outcome.FASTER)
    never = next(words for words, word in outcomes.items() if word in NEVER_FASTER)
    return f"Slow requests are faster with tokens where both are {faster}, not where both are {never}."


def _figures(name: str, times: Sequence[float]) -> list[Figure]:
    answered = [ms for ms in times if not math.isinf(ms)]
    middle, n = median(times), len(times)
    found = [
        Figure(f"{name}: {words} within", one.value, "ms", n, one.low, one.high)
        for words, share in SHARES.items()
        if not math.isinf((one := quantile(times, share)).high)
    ]
    late = sum(ms > TAIL * middle for ms in times)
    note = f"{late} took more than {TAIL} times the median, {n - len(answered)} had no answer"
    return [*found, Figure(f"{name}: the slowest", max(answered, default=0.0), "ms", n, note=note)]
