"""Row "Performance: the whole cycle": login, requests, renewals and logout, and who is cheaper when."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.costs import break_even
from authcompare.experiments.costs.break_even import THINKING, VISITS
from authcompare.experiments.costs.comparison import Outcome, kind_of, worded
from authcompare.experiments.costs.controls import DECIDED
from authcompare.experiments.costs.turns import IDLE_SECONDS, timed, warmed_up
from authcompare.experiments.costs.visits import (
    LOGIN,
    REQUEST,
    Costs,
    Step,
    difference,
    whole_difference,
)
from authcompare.experiments.deployments.deployment import Deployment, Site, Skipped
from authcompare.experiments.estimates import Estimate, blocks_needed
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.promises import ACCESS_SECONDS
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

MARGIN = 0.10  # of a session's visit after its login; what differs by less does not matter; set before
LAUNCHES, ROUNDS = 5, 5  # a sixth process of each kind would take the run nine seconds more
QUICK = "It takes processes of its own with the machine to themselves: a full run has the time for that."
PAIRS = {
    "looked up in Redis": ("sessions, cached", "tokens, denylist"),
    "looked up in the database": ("sessions, database", "tokens, database"),
}
SEVERAL = [requests for requests in VISITS if requests > 1]
# By what the pauses make a token do: seconds between requests, and requests. A single one has no pauses.
SPANS = {
    "for a single request": [(THINKING[0], 1)],
    "while several requests share one access token": [
        (pause, requests) for pause in THINKING if pause < ACCESS_SECONDS for requests in SEVERAL
    ],
    f"where each request needs a renewal, {ACCESS_SECONDS} s or more after the one before": [
        (pause, requests) for pause in THINKING if pause >= ACCESS_SECONDS for requests in SEVERAL
    ],
}
KINDS_OF_VISIT = [kind for kinds in SPANS.values() for kind in kinds]
UNCHECKED = "not looked up (weaker guarantees)"  # told, and decides nothing
ALL = {**PAIRS, UNCHECKED: ("sessions, cached", "tokens, none")}


class Cycle(Probe[Step]):
    """After the login, a visit costs the server less with a token than with a session."""

    row = "Performance: the whole cycle"
    decides = ("C06",)
    alone = True
    budget = (1, 62)

    def arms(self, quick: bool) -> list[Arm]:
        if quick:
            raise Skipped(QUICK)
        return [Arm(words, _where(*both), "session and token") for words, both in ALL.items()]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Step]:
        """One process counts statements; in the others both schemes take turns, and nothing is counted."""
        counted = warmed_up(site, transcript)
        return [*counted, *timed(site, ROUNDS)]

    def judge(self, samples: Mapping[str, Sequence[Step]]) -> Verdict:
        if missing := [words for words in PAIRS if not samples.get(words)]:
            return Verdict.broken(f"Not measured: {', '.join(missing)}.")
        costs = {
            words: (Costs.of(samples[words], "token"), Costs.of(samples[words], "session"))
            for words in ALL
            if samples.get(words)
        }
        return _decided(costs, tuple(_figures(costs)))


Pairs = Mapping[str, tuple[Costs, Costs]]  # token and session
Cell = tuple[str, int, int]  # where looked up, seconds between requests, requests


def _where(session: str, token: str) -> Deployment:
    settings = {
        "WIRE": "False",
        "LAB_FAST_HASHER": "0",  # but that of production: here a login is what is measured
        "SESSION_STORE": session.removeprefix("sessions, "),
        "TOKEN_CHECK": token.removeprefix("tokens, "),
        "SESSION_IDLE_SECONDS": str(IDLE_SECONDS),
        "TOKEN_REFRESH_GRACE_SECONDS": "0",  # every refresh rotates, as one does after an access lifetime
    }
    name = f"cycle-{settings['TOKEN_CHECK']}"
    return Deployment(name, settings, instances=LAUNCHES + 1, exclusive=True)


def _decided(costs: Pairs, figures: tuple[Figure, ...]) -> Verdict:
    cells = {
        (words, thinking, requests): difference(*costs[words], requests, thinking)
        for words in PAIRS
        for thinking, requests in KINDS_OF_VISIT
    }
    outcomes = {cell: worded(found, MARGIN) for cell, found in cells.items()}
    several = [word for (_, _, requests), word in outcomes.items() if requests > 1]
    kind = kind_of(word if word in DECIDED else Outcome.UNKNOWN for word in several)
    return Verdict(
        kind,
        f"{_counts(outcomes)} {_with_login(costs, list(cells))} {_logins(costs)}",
        rule=_rule(cells, outcomes) if kind is Kind.DEPENDS else "",
        needs=_needs(cells, outcomes) if kind is Kind.INCONCLUSIVE else "",
        figures=figures,
        decisions={"C06": _login(costs)},
        doubts=(*LIMITS, _measured(costs)),
    )


LIMITS = (
    "A visit is put together from steps that were measured; nobody waited 300 s between two requests.",
    "Processor time of servers and stores, not of clients; the client of a token sends and keeps more.",
    "Tokens see changed rights later than sessions do where both are looked up in Redis.",
)


def _figures(costs: Pairs) -> Iterator[Figure]:
    for words, both in costs.items():
        for name, one in zip(_names(words), both, strict=True):
            yield from break_even.steps(name, one)
            yield from break_even.visits(name, one)
    for words, (token, session) in costs.items():
        yield from break_even.differences(words, token, session)
        yield from break_even.turns(words, token, session)


def _counts(outcomes: Mapping[Cell, Outcome]) -> str:
    times = Counter(outcomes.values())
    known = sum(times[word] for word in DECIDED)
    return (
        f"After the login, in {len(outcomes)} kinds of visit, tokens use less processor time in "
        f"{times[Outcome.FASTER]}, more in {times[Outcome.SLOWER]}, and differ by less than {MARGIN:.0%} in "
        f"{times[Outcome.SAME]}; {len(outcomes) - known} are not decided."
    )


def _with_login(costs: Pairs, cells: Sequence[Cell]) -> str:
    found = [whole_difference(*costs[words], requests, thinking) for words, thinking, requests in cells]
    same = sum(worded(one, MARGIN) is Outcome.SAME for one in found)
    return f"Login included, tokens and sessions differ by less than {MARGIN:.0%} in {same} of {len(found)}."


def _rule(cells: Mapping[Cell, Estimate], outcomes: Mapping[Cell, Outcome]) -> str:
    more = _where_it_is(cells, outcomes, Outcome.SLOWER)
    rest = f"more {more}" if more else f"about as much {_where_it_is(cells, outcomes, Outcome.SAME)}"
    return (
        "After the login, tokens cost less processor time than sessions "
        f"{_where_it_is(cells, outcomes, Outcome.FASTER)}. They cost {rest}."
    )


def _where_it_is(cells: Mapping[Cell, Estimate], outcomes: Mapping[Cell, Outcome], wanted: Outcome) -> str:
    """By what a pause makes a token do, then by store: in how many kinds of visit, and how much of it."""
    said = []
    for span, kinds in SPANS.items():
        stores = []
        for words in PAIRS:
            those = [cell for cell in cells if cell[0] == words and cell[1:] in kinds]
            if found := [cells[cell].value for cell in those if outcomes[cell] is wanted]:
                stores.append(f"{words} in {len(found)} of {len(those)} kinds of visit ({_span(found)})")
        said += [f"{span}: {', '.join(stores)}"] if stores else []
    return "; ".join(said)


def _span(shares: Sequence[float]) -> str:
    ends = sorted({f"{one:+.0%}" for one in (min(shares), max(shares))}, key=lambda end: abs(float(end[:-1])))
    return " to ".join(ends)


def _needs(cells: Mapping[Cell, Estimate], outcomes: Mapping[Cell, Outcome]) -> str:
    open_ones = [blocks_needed(cells[cell], MARGIN) for cell, word in outcomes.items() if word not in DECIDED]
    return f"{max(open_ones)} processes of each kind"


def _measured(costs: Pairs) -> str:
    _, session = next(iter(costs.values()))
    n = session.n[REQUEST] // len(session.launches)
    return (
        f"How it was measured: {len(session.launches)} processes of each kind, started side by side; in each "
        f"{n} turns of both schemes, after a visit that was left out, in which they proved that they check; "
        "intervals are over processes, at 95 %. Statements were counted in one more process: to count takes "
        "time."
    )


def _logins(costs: Pairs) -> str:
    several = [one.step(LOGIN).value for pair in costs.values() for one in pair]
    low, high = min(several), max(several)
    return f"The login takes {low:.0f} to {high:.0f} ms of processors, its password hash included."


def _login(costs: Pairs) -> Decision:
    logins = {name: one for words in costs for name, one in zip(_names(words), costs[words], strict=True)}
    if unchecked := [name for name, one in logins.items() if not one.counted[LOGIN].hashing]:
        return Decision(Kind.REFUTED, f"{unchecked[0]}: no password was checked.")
    unwritten = [name for name, one in logins.items() if not one.counted[LOGIN].writes]
    if stateless := [name for name in unwritten if "sessions" in name]:
        return Decision(Kind.REFUTED, f"{stateless[0]}: nothing was written.")
    by_door = {
        door: [one for name, one in logins.items() if name.startswith(door)]
        for door in ("sessions", "tokens")
    }
    said = "; ".join(_door(door, several) for door, several in by_door.items())
    return Decision(Kind.HOLDS, f"The password is verified, then rows are written, at both doors ({said}).")


def _door(name: str, logins: Sequence[Costs]) -> str:
    """However they are kept: the password is what takes the time."""
    times = [one.step(LOGIN).value for one in logins]
    writes = max(one.counted[LOGIN].writes for one in logins)
    return f"{name}: {min(times):.0f} to {max(times):.0f} ms, at most {writes:.0f} writes"


def _names(words: str) -> tuple[str, str]:
    """Token and session, as other rows call them; a session is measured beside each of its rivals."""
    session, token = ALL[words]
    return token, session if words in PAIRS else f"{session}, beside {token}"
