"""Visits as figures: what each step and each visit uses, who uses less, and from which request on. Pure."""

from collections.abc import Iterator, Sequence

from authcompare.experiments.costs.metering import Used
from authcompare.experiments.costs.visits import Costs, difference, whole_difference
from authcompare.experiments.estimates import Estimate
from authcompare.experiments.verdict import Figure

VISITS, THINKING = (1, 10, 100, 1000), (1, 30, 300)  # requests of a visit, seconds between them


def steps(name: str, costs: Costs) -> Iterator[Figure]:
    """What each step uses."""
    for kind, used in costs.counted.items():
        found = costs.step(kind)
        note = f"{costs.n[kind]} in {found.n} processes; {_note(used)}"
        yield Figure.of(f"{name}, {kind}", found, "ms of processors", costs.n[kind], note)


def visits(name: str, costs: Costs) -> Iterator[Figure]:
    """What each visit uses, for each of its requests."""
    for thinking in THINKING:
        for requests in VISITS:
            found, note = costs.visit(requests, thinking), _note(costs.used(requests, thinking))
            called = f"{name}: {requests} requests, {thinking} s apart, each"
            yield Figure.of(called, found, "ms of processors", note=f"n is processes; {note}")


def differences(where: str, token: Costs, session: Costs) -> Iterator[Figure]:
    """How much more a token uses after the login."""
    for thinking in THINKING:
        for requests in VISITS:
            found = difference(token, session, requests, thinking).times(100)
            called = f"tokens minus sessions, {where}: {requests} requests, {thinking} s apart"
            whole = whole_difference(token, session, requests, thinking).times(100).text("+.1f", "%")
            yield Figure.of(called, found, "%", note=f"after the login; with it {whole}; n is processes")


def turns(where: str, token: Costs, session: Costs) -> Iterator[Figure]:
    """The number of requests from which on the other is seen to be cheaper; 0 where that never happens."""
    for thinking in THINKING:
        signs = [
            _sign(difference(token, session, requests, thinking)) for requests in range(1, VISITS[-1] + 1)
        ]
        first = next(filter(None, signs), "")
        turn = next((number for number, sign in enumerate(signs, 1) if sign not in ("", first)), 0)
        called = f"break-even, {thinking} s apart, {where}"
        yield Figure(called, turn, "requests", 0, note=_turned(signs, first, turn))


def _sign(found: Estimate) -> str:
    return "tokens" if found.high < 0 else "sessions" if found.low > 0 else ""


def _turned(signs: Sequence[str], first: str, turn: int) -> str:
    if not first:
        return "neither is seen to be cheaper, in visits of any length"
    if turn:
        return f"{first} cheaper at first, {'sessions' if first == 'tokens' else 'tokens'} from there on"
    if "" not in signs:
        return f"{first} cheaper throughout"
    if signs[0] and not signs[-1]:
        return f"{first} cheaper at first; in longer visits neither is seen to be"
    return f"{first} cheaper where either is seen to be"


def _note(used: Used) -> str:
    return (
        f"{used.requests:.1f} requests, {used.bytes:.0f} bytes, {used.sql:.1f} SQL, {used.writes:.1f} of "
        f"them writes, {used.redis:.1f} Redis"
    )
