"""Row "Trade-off (derived)": what a request costs against how long an ended login goes on working."""

from collections.abc import Mapping, Sequence
from typing import Any

from authcompare.experiments.claim import Derived, Evidence
from authcompare.experiments.costs import controls
from authcompare.experiments.costs.comparison import NEVER_FASTER, Outcome, kind_of
from authcompare.experiments.costs.controls import CONFIDENCE
from authcompare.experiments.costs.pricing import (
    SAVED,
    Price,
    Saved,
    Work,
    prices,
    promised_seconds,
    savings,
    usable,
    works,
)
from authcompare.experiments.costs.timed_arms import ARMS
from authcompare.experiments.verdict import Decision, Figure, Kind, Point, Verdict

COSTS, ENDS = "performance", "revocation"


class TradeOff(Derived[Any]):
    """A token that nobody looks up is faster, and the price is that it cannot be ended at once."""

    row = "Trade-off (derived)"
    decides = ("C40",)
    needs = (COSTS, ENDS)

    def derive(self, evidence: Mapping[str, Evidence]) -> Mapping[str, Sequence[Any]]:
        usable(evidence)
        timed = evidence[COSTS].samples
        fault = controls.fault(timed)
        return {
            "points": prices(timed, evidence[ENDS].samples),
            "saved": savings(timed),
            "work": works(timed),
            "fault": [fault] if fault else [],
            "needs": [controls.needs(timed, controls.contrasts(timed, SAVED, CONFIDENCE).values())],
        }

    def judge(self, samples: Mapping[str, Sequence[Any]]) -> Verdict:
        found: Sequence[Price] = samples.get("points", ())
        saved: Sequence[Saved] = samples.get("saved", ())
        if not found or not saved:
            return Verdict.broken("There is no curve: what it is derived from was not measured.")
        points = tuple(map(_point, found))
        figures = (*map(_saved_figure, saved), *map(_headroom, samples["work"]))
        if samples["fault"]:
            return _undecided(samples["fault"][0], _more(samples), figures, points)
        if unkept := [one for one in found if not one.at_once and not promised_seconds(one.arm)]:
            because = f"{unkept[0].arm} promises to end at once; an ended login worked for {unkept[0].seen}."
            return _undecided(because, "a run in which Revocation holds", figures, points)
        kind = _kind(found, saved)
        if kind is Kind.INCONCLUSIVE:
            return _undecided(_words(saved), _more(samples), figures, points)
        return Verdict(
            kind,
            f"{_ends(found)} {_words(saved)}",
            rule=_rule(saved) if kind is Kind.DEPENDS else "",
            figures=figures,
            decisions=_decisions(found, samples["work"]),
            points=points,
            doubts=LIMITS,
        )


def _kind(found: Sequence[Price], saved: Sequence[Saved]) -> Kind:
    """There is a trade-off where what ends late is faster than what ends at once."""
    if all(one.at_once for one in found):
        return Kind.REFUTED
    return kind_of(one.outcome for one in saved)


def _more(samples: Mapping[str, Sequence[Any]]) -> str:
    return f"of {COSTS}: {samples['needs'][0]}"


def _undecided(because: str, needs: str, figures: tuple[Figure, ...], points: tuple[Point, ...]) -> Verdict:
    return Verdict(Kind.INCONCLUSIVE, because, needs=needs, figures=figures, points=points, doubts=LIMITS)


LIMITS = (
    "Nothing was measured for this row: the doubts of Performance and of Revocation are its doubts, too.",
    (
        "What is saved is judged at a tenth of the open request, by 95% intervals that are not widened for "
        "the others, and by as much of a word as the null contrasts of Performance could not turn: an "
        "unchecked token gives other guarantees than the session, so there is no equal pair."
    ),
)


def _words(saved: Sequence[Saved]) -> str:
    several = "; ".join(f"{_told(one)}, {one.outcome}" for one in saved)
    return f"What nobody looks up against a session with a copy in Redis: {several}."


def _told(one: Saved) -> str:
    return f"{one.where}: {one.difference.text()}"


def _ends(found: Sequence[Price]) -> str:
    at_once = [one for one in found if one.at_once]
    late = max((one for one in found if not one.at_once), key=lambda one: one.seconds, default=None)
    seen = max((one.seconds for one in at_once), default=0.0)
    named = "; ".join(one.arm for one in at_once)
    rest = f" {late.arm}: {late.seen}." if late else ""
    return f"Ended at once, as far as asking every worker within {seen:.1f} s can tell: {named}.{rest}"


def _rule(saved: Sequence[Saved]) -> str:
    faster = " and ".join(_told(one) for one in saved if one.outcome is Outcome.FASTER)
    not_faster = " and ".join(_told(one) for one in saved if one.outcome in NEVER_FASTER)
    unknown = " and ".join(_told(one) for one in saved if one.outcome not in NEVER_FASTER | {Outcome.FASTER})
    undecided = f" Not decided for {unknown}." if unknown else ""
    return (
        f"Giving up the end at once saves more than a tenth of a request for {faster}; "
        f"less than that for {not_faster}.{undecided}"
    )


def _decisions(found: Sequence[Price], work: Sequence[Work]) -> dict[str, Decision]:
    tokens = [one for one in found if one.arm.startswith("tokens")]
    asking = "; ".join(one.arm for one in tokens if one.at_once)
    late = [one for one in tokens if not one.at_once]
    if not late:
        because = f"Every token that was measured ended at once: {asking}."
        return {"C40": Decision(Kind.REFUTED, because)}
    cores = (
        f" One core of Redis is busy when {_cores(work):.0f} cores of servers are (derived)." if work else ""
    )
    because = (
        f"Nothing is asked where an ended login may go on working, {late[0].seen}. Where it must end at "
        f"once, tokens ask a store as sessions do: {asking}.{cores}"
    )
    return {"C40": Decision(Kind.DEPENDS, because)}


def _cores(work: Sequence[Work]) -> float:
    return min(one.server / one.redis for one in work)


def _point(one: Price) -> Point:
    promise = ARMS[one.arm].guarantees
    assert promise is not None
    return Point(
        one.arm, one.cost.value, one.cost.low, one.cost.high, one.cost.blocks, one.seconds, one.seen,
        promise.text, "session" if ARMS[one.arm].client == "session" else "token",
    )  # fmt: skip


def _saved_figure(one: Saved) -> Figure:
    name = f"{one.where}, not looked up, against a cached session"
    return Figure.of(name, one.difference, "ms", note=f"weaker guarantees: {one.outcome}")


def _headroom(one: Work) -> Figure:
    each = f"{one.server:.3f} ms of server, {one.redis:.3f} ms of Redis"
    return Figure(
        f"cores of servers that one core of Redis feeds: {one.arm}",
        one.server / one.redis,
        "",
        one.n,
        note=f"derived from the processor time of a request: {each}",
    )
