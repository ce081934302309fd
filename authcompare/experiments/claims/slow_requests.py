"""Row "Performance: slow requests": how late answers are at a fixed rate, and how late the latest are."""

import math
import time
from collections.abc import Mapping

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.clients import Client, compose, logged_in
from authcompare.experiments.costs.comparison import NEVER_FASTER, Outcome, kind_of, worded
from authcompare.experiments.costs.lateness import (
    IN_PAIRS,
    NULL,
    OPEN,
    PLANTED_MS,
    Slice,
    Slices,
    arm_figures,
    control_figures,
    every,
    fault,
    gain,
    late,
    limit,
    null,
    planted,
)
from authcompare.experiments.costs.timed_arms import ARMS, CLAIMED, DELAYED_ARM, PATHS, PROCESSES
from authcompare.experiments.credentials.gate import prove
from authcompare.experiments.deployments.deployment import DELAY_HEADER, Broken, Site, Skipped
from authcompare.experiments.estimates import Estimate, blocks_needed, quantile
from authcompare.experiments.exchanges.refusal import described
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.verdict import Figure, Kind, Verdict

RATE = 250  # requests a second, the same for all; below half of what the slowest arm can answer
SLICE_SECONDS, SLICES = 0.2, 40  # short ones: what the machine does meanwhile differs less within a pair
REQUESTS = round(RATE * SLICE_SECONDS)  # of a slice
WARM = 10  # requests that are not timed
PAIRS = {
    "looked up in Redis": ("tokens, denylist", "sessions, cached"),
    "looked up in the database": ("tokens, database", "sessions, database"),
}
UNCHECKED = "tokens, none"  # told, and decides nothing
ASKED = (
    OPEN,
    "sessions, database",
    "tokens, database",
    "sessions, cached",
    "tokens, denylist",
    UNCHECKED,
    NULL[0],
    DELAYED_ARM,
)
QUICK = f"It takes {REQUESTS * SLICES:,} requests an arm at a fixed rate: a full run has the time for that."
A_FIFTH = (
    "That a fifth of an open request's percentile decides was settled after trial runs: the tenth that "
    "Performance goes by is what a percentile of one run may be off."
)
ONE_START = (
    "The processes were started once, and one process answers both of a pair, but not what is not looked up. "
    "The interval says what other slices would have given, not what processes started anew would: "
    "Performance repeats the start, for the typical request."
)


class SlowRequests(Probe[Slice]):
    """At a steady rate, 95 % of the requests are answered sooner with tokens than with sessions."""

    row = "Performance: slow requests"
    decides = ()
    alone = True
    rounds = (SLICES, SLICES)
    budget = (1, 90)

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

    def judge(self, samples: Slices) -> Verdict:
        if missing := [name for name in ASKED if not samples.get(name)]:
            return Verdict.broken(f"Not measured: {', '.join(missing)}.")
        if lost := [name for name in ASKED if any(math.isinf(late(one)) for one in samples[name])]:
            return Verdict.broken(f"{lost[0]}: more than one in twenty requests of a slice had no answer.")
        gains = {words: gain(samples, pair) for words, pair in PAIRS.items()}
        outcomes = {words: worded(one, limit(samples)) for words, one in gains.items()}
        reason = fault(samples)
        kind = Kind.INCONCLUSIVE if reason else kind_of(outcomes.values())
        return Verdict(
            kind,
            reason or _because(gains, samples),
            rule=_rule(outcomes, gains) if kind is Kind.DEPENDS else "",
            needs=_needs(gains, samples) if kind is Kind.INCONCLUSIVE else "",
            figures=_figures(gains, samples),
            doubts=(_measured(samples), A_FIFTH, ONE_START, _slowest(samples)),
        )


def _shown(arm: Arm, site: Site, transcript: Transcript) -> dict[str, str]:
    """A fresh login; before an arm's first one it is proven that it checks what it is shown."""
    if arm.name == DELAYED_ARM:
        return {DELAY_HEADER: str(round(PLANTED_MS * 1000))}
    if arm.guarantees is None:
        return {}
    if not transcript.lines:
        prove(site, arm.client, arm.guarantees.ends_at_once, transcript)
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
        ms = (time.perf_counter() - due) * 1000
        if answer.status != 200 and not answer.failure:
            raise Broken(f"At a steady rate, an answer was {described(answer)} instead of 200.")
        found.append(math.inf if answer.failure else round(ms, 3))
    return Slice(tuple(found))


def _because(gains: Mapping[str, Estimate], samples: Slices) -> str:
    matters = limit(samples)
    return (
        f"The 95th percentile with tokens minus that with sessions: {_told(gains, matters)}. Less than "
        f"{matters:.2f} ms, a fifth of an open request's, does not matter.{_out_of_reach(samples)} "
        f"Not decisive: a token that is not looked up (it notices {CLAIMED.seen}) minus a session "
        f"{_told(_unchecked(samples), matters)}."
    )


def _told(gains: Mapping[str, Estimate], matters: float) -> str:
    return "; ".join(f"{words} {one.text()}, {worded(one, matters)}" for words, one in gains.items())


def _out_of_reach(samples: Slices) -> str:
    """Where a session adds so little that a token could not have won."""
    adds = {words: one for words, one in _adds(samples).items() if one.high < limit(samples)}
    return "".join(
        f" {words[0].upper()}{words[1:]}, no token could be sooner by as much: a session there adds "
        f"{one.text('.2f')}."
        for words, one in adds.items()
    )


def _adds(samples: Slices) -> dict[str, Estimate]:
    return {words: gain(samples, (session, OPEN)) for words, (_, session) in PAIRS.items()}


def _unchecked(samples: Slices) -> dict[str, Estimate]:
    return {words: gain(samples, (UNCHECKED, session)) for words, (_, session) in PAIRS.items()}


def _rule(outcomes: Mapping[str, Outcome], gains: Mapping[str, Estimate]) -> str:
    faster = next(words for words, word in outcomes.items() if word is Outcome.FASTER)
    never = next(words for words, word in outcomes.items() if word in NEVER_FASTER)
    return (
        "The 95th percentile with tokens is below that with sessions where both are "
        f"{faster}: {gains[faster].text()}; not where both are {never}: {gains[never].text()}."
    )


def _needs(gains: Mapping[str, Estimate], samples: Slices) -> str:
    several = (*gains.values(), null(samples), planted(samples).moved(-PLANTED_MS))
    n = max(blocks_needed(one, limit(samples)) for one in several)
    return f"{n} slices of each arm, on a quiet machine"


def _figures(gains: Mapping[str, Estimate], samples: Slices) -> tuple[Figure, ...]:
    differences = {
        **{f"tokens minus sessions, {words}": one for words, one in gains.items()},
        **{f"{UNCHECKED} minus a session {words}": one for words, one in _unchecked(samples).items()},
        **{f"a session {words} minus the open view": one for words, one in _adds(samples).items()},
    }
    return (
        *(Figure.of(f"95 % within, {name}", one, "ms", note=IN_PAIRS) for name, one in differences.items()),
        *control_figures(samples),
        *(figure for name in ASKED for figure in arm_figures(name, samples[name])),
    )


def _measured(samples: Slices) -> str:
    return (
        f"How it was measured: {len(samples[OPEN])} slices of {SLICE_SECONDS} s, {RATE} requests a second, "
        "arms by turns forwards and backwards; the percentile of each slice, and the median of the "
        "differences of slices, at 95 %."
    )


def _slowest(samples: Slices) -> str:
    said = []
    for name in (name for pair in PAIRS.values() for name in pair):
        times = every(samples[name])
        said.append(f"{name} {_in_words(quantile(times, 0.99).value)} and {_in_words(max(times))}")
    return (
        f"99 % within, and the slowest: {'; '.join(said)}. One stall of the machine makes them: they decide "
        "nothing."
    )


def _in_words(ms: float) -> str:
    return "no answer" if math.isinf(ms) else f"{ms:.1f} ms"
