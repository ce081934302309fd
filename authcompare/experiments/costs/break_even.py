"""Visits as figures: what each step and each visit uses, who uses less, and from which request on. Pure."""

from collections.abc import Iterator

from authcompare.experiments.costs.metering import Used
from authcompare.experiments.costs.visits import Costs, difference
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
            yield Figure.of(called, found, "%", note="after the login; n is processes")


def turns(where: str, token: Costs, session: Costs) -> Iterator[Figure]:
    """The number of requests from which on the other is seen to be cheaper; 0 where that never happens."""
    for thinking in THINKING:
        signs = [
            _sign(difference(token, session, requests, thinking)) for requests in range(1, VISITS[-1] + 1)
        ]
        first = next((sign for sign in signs if sign), "")
        turn = next((number for number, sign in enumerate(signs, 1) if sign not in ("", first)), 0)
        called = f"break-even, {thinking} s apart, {where}"
        yield Figure(called, turn, "requests", 0, note=_turned(first, turn))


def _sign(found: Estimate) -> str:
    return "tokens" if found.high < 0 else "sessions" if found.low > 0 else ""


def _turned(first: str, turn: int) -> str:
    if not first:
        return "neither is seen to be cheaper, in visits of any length"
    other = "sessions" if first == "tokens" else "tokens"
    return f"{first} cheaper at first, {other} from there on" if turn else f"{first} cheaper throughout"


def _note(used: Used) -> str:
    return (
        f"{used.requests:.1f} requests, {used.bytes:.0f} bytes, {used.sql:.1f} SQL, {used.writes:.1f} of "
        f"them writes, {used.redis:.1f} Redis"
    )
