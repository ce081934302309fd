"""Row "Performance: where the time goes": what a request is made of, in time and in processor time."""

from collections.abc import Mapping, Sequence
from typing import Any

from authcompare.experiments.claim import PARTS, Derived, Evidence
from authcompare.experiments.costs import controls
from authcompare.experiments.costs.bare import Bare, bare_checks
from authcompare.experiments.costs.comparison import Samples, added, blocks, estimate
from authcompare.experiments.costs.components import FRESH, REDIS, REST, ROW, SIGNATURE, USER, Part, of, parts
from authcompare.experiments.costs.controls import CONFIDENCE
from authcompare.experiments.costs.pricing import usable
from authcompare.experiments.costs.timed_arms import ARMS, base
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.estimates import Estimate
from authcompare.experiments.verdict import Figure, Kind, Verdict

COSTS = "performance"
FAR_MS = (0.5, 2.0)  # round trips to a store on another machine


class WhereTimeGoes(Derived[Any]):
    """What makes a session slow is that it has to be looked up on every request."""

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
            "tenth": [controls.tenth(timed)],
            "fault": [fault] if fault else [],
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
            return _undecided(samples["fault"][0], figures)
        return _decided(found, samples["tenth"][0], figures)


def _decided(found: list[Part], limit: float, figures: tuple[Figure, ...]) -> Verdict:
    redis, row = of(found, REDIS, "sessions, cached"), of(found, ROW, "sessions, database")
    words = (
        f"Of a session's request, {_text(redis)} is the look-up in Redis, or {_text(row)} that in the "
        f"database with the user in the same statement; {_text(of(found, REST, 'sessions, cached'))} is what "
        f"every request takes. A user query of its own takes {_text(of(found, USER, 'sessions, memory'))}; "
        f"the signature of a token at first sight {_text(of(found, SIGNATURE, FRESH))}."
    )
    matters = [cost.low > limit for cost in (redis, row)]
    trifles = [cost.high < limit for cost in (redis, row)]
    if all(matters):
        return Verdict(Kind.HOLDS, words, figures=figures)
    if all(trifles):
        return Verdict(Kind.REFUTED, words, figures=figures)
    if matters[1] and trifles[0]:
        rule = (
            f"A look-up in the database takes more than a tenth of an open request, {limit:.2f} ms "
            f"({_text(row)}); one in Redis does not ({_text(redis)})."
        )
        return Verdict(Kind.DEPENDS, words, rule=rule, figures=figures)
    return _undecided(words, figures)


def _undecided(because: str, figures: tuple[Figure, ...]) -> Verdict:
    return Verdict(
        Kind.INCONCLUSIVE, because, needs="more blocks of Performance, on a quiet machine", figures=figures
    )


def _text(cost: Estimate) -> str:
    return f"{cost.value:.2f} ms ({cost.low:.2f} to {cost.high:.2f})"


def _part_figure(one: Part) -> Figure:
    cost = one.cost
    note = f"{one.share:.0%} of the whole request"
    return Figure(f"{one.arm}: {one.part}", cost.value, "ms", cost.blocks, cost.low, cost.high, note)


def processors(timed: Samples) -> list[Figure]:
    """What each kind of process works more than for the open view; from outside, by the kernel's count."""
    return [
        Figure(
            f"{arm}: processor time, {part}",
            cost.value,
            "ms",
            cost.blocks,
            cost.low,
            cost.high,
            _whole(timed, arm),
        )
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
