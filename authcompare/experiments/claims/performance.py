"""Row "Performance": what authentication adds to a request, over the same view without any."""

from collections.abc import Iterable, Mapping

from authcompare.experiments.claim import Arm, Shot, Timed
from authcompare.experiments.costs import controls, timed_arms
from authcompare.experiments.costs.comparison import (
    NEVER_FASTER,
    Contrast,
    Outcome,
    Samples,
    added,
    blocks,
    estimate,
    kind_of,
    ratio,
)
from authcompare.experiments.costs.controls import CONFIDENCE, DELTA_MS, PRIMARY_CONFIDENCE, contrasts
from authcompare.experiments.costs.timed_arms import ARMS, base
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.estimates import Estimate, blocks_needed
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

PRIMARY = {
    "looked up in Redis, as the session is": ("tokens, denylist", "sessions, cached"),
    "looked up in the database, as the session is": ("tokens, database", "sessions, database"),
    "remembered and not looked up, and so not ended before they expire": ("tokens, none", "sessions, cached"),
    "HS256 against ES256, at first sight": ("tokens, none, HS256, first sight", "tokens, none, first sight"),
}
DESCRIPTIVE = {  # no verdict hangs on these
    "not looked up, at first sight": ("tokens, none, first sight", "sessions, cached"),
    "not looked up, at first sight, HS256": ("tokens, none, HS256, first sight", "sessions, cached"),
    "looked up in PostgreSQL, as the session is": (
        "tokens, database, PostgreSQL",
        "sessions, database, PostgreSQL",
    ),
}
DECIDING = list(PRIMARY)[:3]  # the fourth compares tokens with tokens


class Performance(Timed):
    """Tokens are faster than sessions, because no server-side look-up is needed."""

    row = "Performance"
    decides = ("C43", "C44")
    budget = (45, 300)

    def arms(self, quick: bool) -> list[Arm]:
        return timed_arms.arms(quick)

    def begin(self, arm: Arm, site: Site, transcript: Transcript) -> Shot:
        return timed_arms.aimed(arm, site, transcript)

    def precise_enough(self, samples: Samples) -> bool:
        found = contrasts(samples, PRIMARY, PRIMARY_CONFIDENCE)
        return all(one.all_blocks.half_width <= DELTA_MS / 3 for one in found.values())

    def judge(self, samples: Samples) -> Verdict:
        if missing := controls.missing(samples):
            return Verdict.broken(f"Not measured: {', '.join(missing)}.")
        primary = contrasts(samples, PRIMARY, PRIMARY_CONFIDENCE)
        others = contrasts(samples, DESCRIPTIVE, CONFIDENCE)
        nulls = controls.nulls(samples)
        tenth = controls.tenth(samples)
        figures = (
            *_arm_figures(samples),
            *_contrast_figures(primary | others | nulls, tenth),
            _figure("planted delay", controls.planted(samples)),
            *_thresholds(tenth),
        )
        if reason := controls.fault(samples):
            needs = _needs([*nulls.values(), *primary.values()])
            return Verdict(Kind.INCONCLUSIVE, reason, needs=f"{needs} on a quiet machine", figures=figures)
        limits = {name: controls.threshold(one, samples) for name, one in {**primary, **others}.items()}
        return _decided(primary, others, limits, figures)


def _decided(
    primary: Mapping[str, Contrast],
    others: Mapping[str, Contrast],
    limits: Mapping[str, float],
    figures: tuple[Figure, ...],
) -> Verdict:
    deciding = {name: primary[name] for name in DECIDING}
    outcomes = {name: one.outcome(limits[name]) for name, one in deciding.items()}
    kind = kind_of(outcomes.values())
    words = "; ".join(f"{name}: {one.text(limits[name])}" for name, one in deciding.items())
    beside = "; ".join(f"{name}: {one.text(limits[name])}" for name, one in others.items())
    return Verdict(
        kind,
        f"Added by tokens minus added by sessions, where tokens are {words}. Not decisive: {beside}.",
        rule=_rule(outcomes) if kind is Kind.DEPENDS else "",
        needs=_needs(deciding.values()) if kind is Kind.INCONCLUSIVE else "",
        figures=figures,
        decisions={
            "C43": Decision(kind, f"Tokens minus sessions, where tokens are {words}."),
            "C44": Decision(kind, f"Where tokens are {words}; {beside}."),
        },
        doubts=LIMITS,
    )


LIMITS = (
    "On loopback, without TLS: this is processor time and round trips added, not latency seen by anybody.",
    (
        "Both thresholds were set before anything was measured; that the smaller one decides where "
        "guarantees are weaker was settled later, when a trial run lay across 0.20 ms. What each would say "
        "stands beside every difference."
    ),
    "`me/` tells a login's id and expiry, which the open view has none of: some bytes more to write.",
)


def _needs(found: Iterable[Contrast]) -> str:
    return f"{max(blocks_needed(one.all_blocks, DELTA_MS) for one in found)} blocks"


def _rule(outcomes: Mapping[str, Outcome]) -> str:
    where = " or ".join(name for name, word in outcomes.items() if word is Outcome.FASTER)
    not_where = ", nor where they are ".join(name for name, word in outcomes.items() if word in NEVER_FASTER)
    return f"Tokens save time where they are {where}; not where they are {not_where}."


def _arm_figures(samples: Samples) -> tuple[Figure, ...]:
    return tuple(_arm_figure(name, samples) for name in ARMS if samples.get(name))


def _arm_figure(name: str, samples: Samples) -> Figure:
    guarantees = ARMS[name].guarantees
    if guarantees is None:
        return _figure(f"whole request: {name}", estimate(blocks(samples[name]), CONFIDENCE))
    times = ratio(samples, name, base(name), CONFIDENCE)
    note = (
        f"{times.value:.2f} times the open request ({times.low:.2f} to {times.high:.2f}); {guarantees.text}"
    )
    return _figure(f"added: {name}", estimate(added(samples, name, base(name)), CONFIDENCE), note)


def _thresholds(tenth: float) -> tuple[Figure, ...]:
    note = f"decides between like goods; the four primary intervals are at {PRIMARY_CONFIDENCE:.2%}"
    return (
        Figure("smaller differences do not matter", DELTA_MS, "ms", 0, note=note),
        Figure(
            "a tenth of the open request",
            tenth,
            "ms",
            0,
            note="decides where guarantees are weaker",
        ),
    )


def _contrast_figures(found: Mapping[str, Contrast], tenth: float) -> tuple[Figure, ...]:
    return tuple(
        _figure(
            f"difference: {name}",
            one.all_blocks,
            f"{one.first} minus {one.second}, {_guarantees(one)}: {one.outcome(DELTA_MS)}; "
            f"against a tenth of the open request: {one.outcome(tenth)}; "
            f"bootstrap {one.bootstrap.low:+.3f} to {one.bootstrap.high:+.3f}",
        )
        for name, one in found.items()
    )


def _guarantees(one: Contrast) -> str:
    """Nobody is to compare the prices of different goods without being told."""
    first, second = ARMS[one.first].guarantees, ARMS[one.second].guarantees
    if first is None or second is None:
        return "no guarantees"
    if weaker := first.weaker_than(second):
        return f"weaker guarantees: {'; '.join(weaker)}"
    if weaker := second.weaker_than(first):
        return f"stronger guarantees than {one.second}: {'; '.join(weaker)}"
    return "equal guarantees"


def _figure(name: str, found: Estimate, note: str = "") -> Figure:
    return Figure(name, found.value, "ms", found.blocks, found.low, found.high, note)
