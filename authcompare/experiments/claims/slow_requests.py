"""Row "Performance: slow requests": how late answers are at a fixed rate, and how late the latest are."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.clients import Client, compose, logged_in
from authcompare.experiments.costs.comparison import NEVER_FASTER, Outcome, kind_of, worded
from authcompare.experiments.costs.timed_arms import ARMS, PATHS, PROCESSES
from authcompare.experiments.credentials.gate import prove
from authcompare.experiments.deployments.deployment import Broken, Site, Skipped
from authcompare.experiments.estimates import Estimate, blocks_needed, quantile
from authcompare.experiments.exchanges.refusal import described
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.verdict import Figure, Kind, Verdict

RATE = 250  # requests a second, the same for all; below half of what the slowest arm can answer
SLICE_SECONDS, SLICES = 0.2, 40  # short ones: what the machine does meanwhile differs less within a pair
REQUESTS = round(RATE * SLICE_SECONDS)  # of a slice
WARM = 10  # requests that are not timed
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
JUDGED, SHARE = 0.95, 0.20  # less than that share of what so many open requests take does not matter
QUICK = f"It takes {REQUESTS * SLICES:,} requests an arm at a fixed rate: a full run has the time for that."
A_FIFTH = (
    "That a fifth of an open request's percentile decides was settled after trial runs: the tenth that "
    "Performance goes by is what a percentile of one run may be off."
)
ONE_START = (
    "The processes were started once, and one process answers both of a pair. The interval says what other "
    "slices would have given, not what processes started anew would: Performance repeats the start, for the "
    "typical request."
)


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
        """Arms take turns of a fifth of a second, forwards and backwards."""
        door, headers = site.doors[0], _shown(arm, site, transcript)
        return [_at_a_fixed_rate(Connection(door), compose(door, "GET", PATHS[arm.client], headers), site)]

    def judge(self, samples: Mapping[str, Sequence[Slice]]) -> Verdict:
        if missing := [name for name in ASKED if not samples.get(name)]:
            return Verdict.broken(f"Not measured: {', '.join(missing)}.")
        if lost := [name for name in ASKED if any(math.isinf(_late(one)) for one in samples[name])]:
            return Verdict.broken(f"{lost[0]}: more than one in twenty requests of a slice had no answer.")
        figures = tuple(figure for name in ASKED for figure in _figures(name, _all(samples[name])))
        return _decided({words: _gain(samples, pair) for words, pair in PAIRS.items()}, samples, figures)


def _shown(arm: Arm, site: Site, transcript: Transcript) -> dict[str, str]:
    """A fresh login; before an arm's first one it is proven that it checks what it is shown."""
    if arm.guarantees is None:
        return {}
    if not transcript.lines:
        prove(site, arm.client, arm.guarantees.logout_seen == 0, transcript)
    client: Client = logged_in(arm.client, site.doors[0], site.username, site.password)
    return client.showing(client.credential)


def _at_a_fixed_rate(connection: Connection, request: bytes, site: Site) -> Slice:
    """From when each request was due, however late it could be sent. Raises Broken for any other answer."""
    for _ in range(WARM):
        connection.send(request)
    began, found = time.perf_counter() + 0.01, []
    for number in range(REQUESTS):
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


def _limit(samples: Mapping[str, Sequence[Slice]]) -> float:
    return SHARE * median(map(_late, samples[OPEN]))


def _decided(
    gains: Mapping[str, Estimate], samples: Mapping[str, Sequence[Slice]], figures: tuple[Figure, ...]
) -> Verdict:
    limit = _limit(samples)
    outcomes = {words: worded(gain, limit) for words, gain in gains.items()}
    said = {words: f"{one.value:+.2f} ms ({one.low:+.2f} to {one.high:+.2f})" for words, one in gains.items()}
    because = "; ".join(f"{words} {one}, {outcomes[words]}" for words, one in said.items())
    kind = kind_of(outcomes.values())
    return Verdict(
        kind,
        f"The 95th percentile with tokens minus that with sessions: {because}. Less than {limit:.2f} ms, "
        "a fifth of an open request's, does not matter.",
        rule=_rule(outcomes, said) if kind is Kind.DEPENDS else "",
        needs=_needs(gains.values(), limit) if kind is Kind.INCONCLUSIVE else "",
        figures=(*map(_gain_figure, gains.items()), *figures),
        doubts=(_measured(samples), A_FIFTH, ONE_START, _slowest(samples)),
    )


def _rule(outcomes: Mapping[str, Outcome], said: Mapping[str, str]) -> str:
    faster = next(words for words, word in outcomes.items() if word is Outcome.FASTER)
    never = next(words for words, word in outcomes.items() if word in NEVER_FASTER)
    return (
        "The 95th percentile with tokens is below that with sessions where both are "
        f"{faster}: {said[faster]}; not where both are {never}: {said[never]}."
    )


def _needs(gains: Iterable[Estimate], limit: float) -> str:
    return f"{max(blocks_needed(gain, limit) for gain in gains)} slices of each arm, on a quiet machine"


def _measured(samples: Mapping[str, Sequence[Slice]]) -> str:
    n = len(samples[OPEN])
    adds = " and ".join(
        f"{_gain(samples, (session, OPEN)).value:.2f} ms where it is {words}"
        for words, (_, session) in PAIRS.items()
    )
    return (
        f"How it was measured: {n} slices of {SLICE_SECONDS} s, {RATE} requests a second, arms by turns "
        "forwards and backwards; the percentile of each slice, and the median of the differences of slices, "
        f"at 95 %. A session adds to an open request's percentile {adds}: more than that no token can save."
    )


def _slowest(samples: Mapping[str, Sequence[Slice]]) -> str:
    said = []
    for name in (name for pair in PAIRS.values() for name in pair):
        times = _all(samples[name])
        said.append(f"{name} {_in_words(quantile(times, SHARES['99 %']).value)} and {_in_words(max(times))}")
    return (
        f"99 % within, and the slowest: {'; '.join(said)}. One stall of the machine makes them: they decide "
        "nothing."
    )


def _in_words(ms: float) -> str:
    return "no answer" if math.isinf(ms) else f"{ms:.1f} ms"


def _gain_figure(named: tuple[str, Estimate]) -> Figure:
    words, gain = named
    name = f"95 % within, tokens minus sessions, {words}"
    return Figure(name, gain.value, "ms", gain.n, gain.low, gain.high, "n is pairs of slices")


def _figures(name: str, times: Sequence[float]) -> list[Figure]:
    longest = max((ms for ms in times if not math.isinf(ms)), default=0.0)
    middle, n, lost = median(times), len(times), sum(map(math.isinf, times))
    late = sum(ms > TAIL * middle for ms in times)
    note = f"{late} took more than {TAIL} times the median, {lost} had no answer"
    return [
        *(
            _within(f"{name}: {words} within", quantile(times, share), longest)
            for words, share in SHARES.items()
        ),
        Figure(f"{name}: the slowest", longest, "ms", n, note=note),
    ]


def _within(name: str, found: Estimate, longest: float) -> Figure:
    """A request without an answer is later than any number: no figure can be, so a note says it."""
    if math.isinf(found.high):
        known = min(found.value, longest)
        return Figure(name, known, "ms", found.n, note="or more: at its upper end there was no answer")
    return Figure(name, found.value, "ms", found.n, found.low, found.high)
