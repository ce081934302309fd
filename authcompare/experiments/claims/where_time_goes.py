"""Row "Performance: where the time goes": what a request is made of, in time and in processor time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from authcompare.experiments.claim import PARTS, Derived, Evidence
from authcompare.experiments.costs import controls
from authcompare.experiments.costs.bare import Bare, bare_checks
from authcompare.experiments.costs.comparison import Samples, added, blocks, estimate
from authcompare.experiments.costs.components import (
    ASSUMED,
    FRESH,
    REDIS,
    REST,
    ROW,
    SIGNATURE,
    USER,
    Part,
    of,
    parts,
    share_of_added,
    share_of_work,
)
from authcompare.experiments.costs.controls import CONFIDENCE
from authcompare.experiments.costs.pricing import usable
from authcompare.experiments.costs.timed_arms import ARMS, base
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.estimates import Estimate, blocks_needed
from authcompare.experiments.verdict import Figure, Kind, Verdict

COSTS = "performance"
LARGE = 1 / 3
IN_REDIS, IN_REDIS_WORK, IN_DATABASE = (
    "in Redis on the clock",
    "in Redis in processor time",
    "in the database, user included",
)
FAR_MS = (0.5, 2.0)  # round trips to a store on another machine


class WhereTimeGoes(Derived[Any]):
    """What a session costs is its look-up: more than a third of all that it adds to a request."""

    row = "Performance: where the time goes"
    decides = ()
    needs = (COSTS,)

    def derive(self, evidence: Mapping[str, Evidence]) -> Mapping[str, Sequence[Any]]:
        usable(evidence)
        timed = evidence[COSTS].samples
        if missing := controls.missing(timed):
            raise Broken(f"Not measured: {', '.join(missing)}.")
        fault = controls.fault(timed)
        return {
            "parts": parts(timed),
            "processors": processors(timed),
            "far": far(timed),
            "bare": bare_checks(),
            "shares": list(shares(timed).items()),
            "fault": [fault] if fault else [],
            "needs": [controls.needs(timed, [])],
        }

    def judge(self, samples: Mapping[str, Sequence[Any]]) -> Verdict:
        found = list(samples.get("parts", ()))
        if not found:
            return Verdict.broken("Nothing was taken apart.")
        figures = (
            *map(_part_figure, found),
            *samples["processors"],
            *map(_bare_figure, samples["bare"]),
            *samples["far"],
        )
        if samples["fault"]:
            return _undecided(samples["fault"][0], samples["needs"][0], figures)
        several = samples["shares"]
        return _decided(found, dict(several), (*map(_share_figure, several), *figures))


def shares(timed: Samples) -> dict[str, Estimate]:
    """What a session adds: how much of it is the look-up. Of Redis two views that must agree."""
    return {
        IN_REDIS: share_of_added(timed, REDIS, "sessions, cached"),
        IN_REDIS_WORK: share_of_work(timed),
        IN_DATABASE: share_of_added(timed, ROW, "sessions, database"),
    }


def _decided(found: list[Part], shares: Mapping[str, Estimate], figures: tuple[Figure, ...]) -> Verdict:
    words = _in_words(found, shares)
    if (shares[IN_REDIS].value > LARGE) is not (shares[IN_REDIS_WORK].value > LARGE):
        return _undecided(words, "to know what of the look-up in Redis is only waiting", figures)
    deciding = {store: share for store, share in shares.items() if store != IN_REDIS_WORK}
    large = [store for store, share in deciding.items() if share.low > LARGE]
    small = [store for store, share in deciding.items() if share.high < LARGE]
    if len(large) + len(small) < len(deciding):
        n = max(blocks_needed(_from_limit(share), LARGE / 2) for share in deciding.values())
        return _undecided(words, f"{n} blocks of Performance, on a quiet machine", figures)
    if large and small:
        rule = f"The look-up is a large part {large[0]}; not {small[0]}."
        return Verdict(Kind.DEPENDS, words, rule=rule, figures=figures, doubts=LIMITS)
    return Verdict(Kind.HOLDS if large else Kind.REFUTED, words, figures=figures, doubts=LIMITS)


def _in_words(found: list[Part], shares: Mapping[str, Estimate]) -> str:
    return (
        f"Of what a session with a copy in Redis adds, the look-up is {_percent(shares[IN_REDIS])} on the "
        f"clock and {_percent(shares[IN_REDIS_WORK])} in processor time; of what one in the database adds, "
        f"{_percent(shares[IN_DATABASE])}, user included. The rest is reading the cookie. "
        f"{_text(of(found, REST, 'sessions, cached'))} is what every request takes. A user query that "
        "Django writes anew each time, as for sessions in memory, takes "
        f"{_text(of(found, USER, 'sessions, memory'))} (other stores keep theirs ready); the signature of a "
        f"token at first sight {_text(of(found, SIGNATURE, FRESH))}."
    )


LIMITS = (
    ASSUMED,
    "Nothing is measured inside the servers: a part is the difference of two arms, with all they differ in.",
    "On loopback the way to a store takes almost no time; what it would add from afar is derived below.",
    (
        "Nobody who says so names a figure. That a third decides was settled after trial runs, in which "
        "Redis had about half of what is added."
    ),
)


def _undecided(because: str, needs: str, figures: tuple[Figure, ...]) -> Verdict:
    return Verdict(Kind.INCONCLUSIVE, because, needs=needs, figures=figures, doubts=LIMITS)


def _from_limit(share: Estimate) -> Estimate:
    """How far it is from LARGE, for what it takes to tell them apart."""
    return replace(share, value=share.value - LARGE / 2)


def _percent(share: Estimate) -> str:
    return share.text(".0%", unit="")


def _share_figure(named: tuple[str, Estimate]) -> Figure:
    store, share = named
    name, note = f"look-up {store}: share of what a session adds", f"n is blocks, of {share.n} launches"
    return Figure.of(name, share.times(100), "%", note=note)


def _text(cost: Estimate) -> str:
    return cost.text(".2f")


def _part_figure(one: Part) -> Figure:
    return Figure.of(f"{one.arm}: {one.part}", one.cost, "ms", note=f"{one.share:.0%} of the whole request")


def processors(timed: Samples) -> list[Figure]:
    """What each kind of process works more than for the open view; from outside, by the kernel's count."""
    return [
        Figure.of(f"{arm}: processor time, {part}", cost, "ms", note=_whole(timed, arm))
        for arm, one in ARMS.items()
        if one.guarantees and timed.get(arm) and all(value.cpu for value in timed[arm])
        for part in PARTS
        if (cost := estimate(added(timed, arm, base(arm), part), CONFIDENCE)).value
    ]


def _whole(timed: Samples, arm: str) -> str:
    server = estimate(blocks(timed[arm], "server"), CONFIDENCE).value
    return f"added; the whole request takes {server:.3f} ms of the server"


def far(timed: Samples) -> list[Figure]:
    """What would be added if the store were on another machine: each of its round trips takes longer."""
    return [
        Figure(
            f"{arm}: added with the store {trip} ms away", cost + trips * trip, "ms", 0, note=_derived(trips)
        )
        for arm, one in ARMS.items()
        if one.guarantees and not one.full and one.shows == "same" and (trips := one.guarantees.round_trips)
        for cost in [estimate(added(timed, arm, base(arm)), CONFIDENCE).value]
        for trip in FAR_MS
    ]


def _derived(trips: int) -> str:
    return f"derived, not measured: {trips} round trip{'s' if trips > 1 else ''} a request"


def _bare_figure(one: Bare) -> Figure:
    note = (
        "the cryptography alone, in the lab's own process, to rescale the signature check for other languages"
    )
    return Figure(f"{one.algorithm}: bare signature check", one.ms, "ms", one.n, one.low, one.high, note)
