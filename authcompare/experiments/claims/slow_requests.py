"""Row "Performance: slow requests": how late answers are at a fixed rate, and how late the latest are."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.clients import compose, logged_in
from authcompare.experiments.costs.comparison import NEVER_FASTER, Outcome, kind_of, worded
from authcompare.experiments.costs.timed_arms import ARMS, PATHS, PROCESSES
from authcompare.experiments.deployments.deployment import Broken, Site, Skipped
from authcompare.experiments.estimates import Estimate, blocks_needed, quantile
from authcompare.experiments.exchanges.refusal import described
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.verdict import Figure, Kind, Verdict

RATE = 200  # requests a second, the same for all; below half of what the slowest arm can answer
SLICE_SECONDS, SLICES = 0.5, 18
LIMIT_MS = 1  # smaller differences between slow requests do not matter; settled after trial runs
WARM = 20  # requests that are not timed
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


@dataclass(frozen=True)
class Slice:
    """Milliseconds of requests that followed each other; infinite where there was no answer."""

    ms: tuple[float, ...]


class SlowRequests(Probe[Slice]):
    """At a steady rate, 95 % of the requests are answered sooner with tokens than with sessions."""

    row = "Performance: slow requests"
    decides = ()
    alone = True
    rounds = (SLICES, SLICES)
    budget = (1, 70)

    def arms(self, quick: bool) -> list[Arm]:
        if quick:
            raise Skipped(QUICK)
        return [
            Arm(name, PROCESSES[ARMS[name].process], ARMS[name].client, ARMS[name].guarantees)
            for name in ASKED
        ]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Slice]:
        """Arms take turns of half a second, forwards and backwards."""
        door, headers = site.doors[0], {}
        if arm.client != "open":
            client = logged_in(arm.client, door, site.username, site.password, transcript)
            client.me("the request that is sent at a fixed rate")
            headers = client.showing(client.credential)
        return [_at_a_fixed_rate(Connection(door), compose(door, "GET", PATHS[arm.client], headers), site)]

    def judge(self, samples: Mapping[str, Sequence[Slice]]) -> Verdict:
        if missing := [name for name in ASKED if not samples.get(name)]:
            return Verdict.broken(f"Not measured: {', '.join(missing)}.")
        if lost := [name for name in ASKED if any(math.isinf(_late(one)) for one in samples[name])]:
            return Verdict.broken(f"{lost[0]}: more than one in twenty requests of a slice had no answer.")
        figures = tuple(figure for name in ASKED for figure in _figures(name, _all(samples[name])))
        return _decided({words: _gain(samples, pair) for words, pair in PAIRS.items()}, samples, figures)


def _at_a_fixed_rate(connection: Connection, request: bytes, site: Site) -> Slice:
    """From when each request was due, however late it could be sent. Raises Broken for any other answer."""
    for _ in range(WARM):
        connection.send(request)
    began, found = time.perf_counter() + 0.01, []
    for number in range(int(RATE * SLICE_SECONDS)):
        due = began + number / RATE
        site.wait(due - time.perf_counter())
        answer = connection.send(request)
        late = (time.perf_counter() - due) * 1000
        if answer.status != 200 and not answer.failure:
            raise Broken(f"At a steady rate, an answer was {described(answer)} instead of 200.")
        found.append(math.inf if answer.failure else round(late, 3))
    return Slice(tuple(found))


def _late(one: Slice) -> float:
    return quantile(one.ms, JUDGED).value


def _all(slices: Sequence[Slice]) -> list[float]:
    return [ms for one in slices for ms in one.ms]


def _gain(samples: Mapping[str, Sequence[Slice]], pair: tuple[str, str]) -> Estimate:
    """The median over pairs of slices, for a stall moves one of them; a slice is one observation."""
    one, other = (list(map(_late, samples[name])) for name in pair)
    return quantile([first - second for first, second in zip(one, other, strict=True)], 0.5)


def _decided(
    gains: Mapping[str, Estimate], samples: Mapping[str, Sequence[Slice]], figures: tuple[Figure, ...]
) -> Verdict:
    outcomes = {words: worded(gain, LIMIT_MS) for words, gain in gains.items()}
    because = "; ".join(
        f"{words}: {gain.value:+.2f} ms ({gain.low:+.2f} to {gain.high:+.2f}), {outcomes[words]}"
        for words, gain in gains.items()
    )
    kind = kind_of(outcomes.values())
    return Verdict(
        kind,
        f"95 % were answered within: tokens minus sessions, {because}.",
        rule=_rule(outcomes) if kind is Kind.DEPENDS else "",
        needs=_needs(gains.values()) if kind is Kind.INCONCLUSIVE else "",
        figures=(*map(_gain_figure, gains.items()), *figures),
        doubts=(_measured(next(iter(gains.values()))), _slowest(samples)),
    )


def _rule(outcomes: Mapping[str, Outcome]) -> str:
    faster = next(words for words, word in outcomes.items() if word is Outcome.FASTER)
    never = next(words for words, word in outcomes.items() if word in NEVER_FASTER)
    return f"Slow requests are faster with tokens where both are {faster}, not where both are {never}."


def _needs(gains: Iterable[Estimate]) -> str:
    return f"{max(blocks_needed(gain, LIMIT_MS) for gain in gains)} slices of each arm, on a quiet machine"


def _measured(gain: Estimate) -> str:
    return (
        f"How it was measured: {gain.n} slices of {SLICE_SECONDS} s, {RATE} requests a second, arms by turns "
        f"forwards and backwards; the median of the differences of slices, at 95 %. Less than {LIMIT_MS} ms "
        "does not matter, which was settled after trial runs."
    )


def _slowest(samples: Mapping[str, Sequence[Slice]]) -> str:
    said = []
    for name in (name for pair in PAIRS.values() for name in pair):
        within = quantile(_all(samples[name]), SHARES["99 %"]).value
        said.append(f"{name} {within:.1f} and {_longest(samples[name]):.0f} ms")
    return (
        f"99 % within, and the slowest: {'; '.join(said)}. One stall of the machine makes them: they decide "
        "nothing."
    )


def _longest(slices: Sequence[Slice]) -> float:
    return max((ms for ms in _all(slices) if not math.isinf(ms)), default=0.0)


def _gain_figure(named: tuple[str, Estimate]) -> Figure:
    words, gain = named
    name = f"95 % within, tokens minus sessions, {words}"
    return Figure(name, gain.value, "ms", gain.n, gain.low, gain.high, "n is pairs of slices")


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
