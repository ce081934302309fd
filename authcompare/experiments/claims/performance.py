"""Row "Performance": what authentication adds to a request, over the same view without any."""

from collections.abc import Collection, Mapping

from authcompare.experiments.claim import Arm, Shot, Timed
from authcompare.experiments.costs import controls, timed_arms
from authcompare.experiments.costs.comparison import (
    NEVER_FASTER,
    Contrast,
    Outcome,
    Samples,
    agreed,
    blocks,
    estimate,
    kind_of,
)
from authcompare.experiments.costs.contrast_figures import (
    arm_figures,
    contrast_figures,
    guarantees,
    thresholds,
)
from authcompare.experiments.costs.controls import CONFIDENCE, DELTA_MS, PRIMARY_CONFIDENCE, contrasts
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.timing import DROPPED, REQUESTS
from authcompare.experiments.verdict import Decision, Figure, Kind, Verdict

PRIMARY = {
    "looked up in Redis, as the session is": ("tokens, denylist", "sessions, cached"),
    "looked up in the database, as the session is": ("tokens, database", "sessions, database"),
    "remembered and not looked up, and so not ended before they expire": ("tokens, none", "sessions, cached"),
    "HS256 against ES256, at first sight": ("tokens, none, HS256, first sight", "tokens, none, first sight"),
}
UNCHECKED = {
    "remembered, against a session in the database": ("tokens, none", "sessions, database"),
    "at first sight, against one in the database": ("tokens, none, first sight", "sessions, database"),
    "remembered, against one in PostgreSQL": ("tokens, none", "sessions, database, PostgreSQL"),
    "at first sight, against one in PostgreSQL": (
        "tokens, none, first sight",
        "sessions, database, PostgreSQL",
    ),
}
CLAIMED, MARKED = "not looked up, at first sight", "looked up in Redis, at first sight"
DESCRIPTIVE = {  # the verdict of this row does not hang on these
    CLAIMED: ("tokens, none, first sight", "sessions, cached"),
    "not looked up, at first sight, HS256": ("tokens, none, HS256, first sight", "sessions, cached"),
    **UNCHECKED,
    MARKED: ("tokens, denylist, first sight", "sessions, cached"),
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
    budget = (34, 300)

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
            *arm_figures(samples),
            *contrast_figures(primary | others | nulls, tenth, controls.bias(samples)),
            Figure.of("planted delay", controls.planted(samples), "ms"),
            *thresholds(tenth),
        )
        if reason := controls.fault(samples):
            needs = controls.needs(samples, primary.values())
            doubts = (_measured(samples),)
            return Verdict(Kind.INCONCLUSIVE, reason, needs=needs, figures=figures, doubts=doubts)
        return _decided(primary, others, samples, figures)


def _decided(
    primary: Mapping[str, Contrast],
    others: Mapping[str, Contrast],
    samples: Samples,
    figures: tuple[Figure, ...],
) -> Verdict:
    deciding = {name: primary[name] for name in DECIDING}
    outcomes = controls.outcomes({**deciding, **others}, samples)
    kind = kind_of(outcomes[name] for name in deciding)
    words = "; ".join(
        f"{name}: {one.interval}, {outcomes[name]}, at {guarantees(one)}" for name, one in deciding.items()
    )
    rule = _rule(deciding, outcomes, samples) if kind is Kind.DEPENDS else ""
    beside = _beside(others, outcomes, samples)
    return Verdict(
        kind,
        f"Added by tokens minus added by sessions, where tokens are {words}.{'' if rule else f' {beside}'}",
        rule=f"{rule} {beside}" if rule else "",
        needs=controls.needs(samples, deciding.values()) if kind is Kind.INCONCLUSIVE else "",
        figures=figures,
        decisions={
            "C43": Decision(kind, f"{rule or f'Tokens minus sessions, where tokens are {words}.'} {beside}"),
            "C44": Decision(kind, f"{rule or f'Where tokens are {words}.'} {beside}"),
        },
        doubts=(
            *LIMITS,
            _by_one_threshold(deciding.values(), samples),
            _by_bias(samples),
            _measured(samples),
        ),
    )


LIMITS = (
    "On loopback, without TLS: this is processor time and round trips added, not latency seen by anybody.",
    (
        "Tokens that are remembered and copies that are warm: the best case of both schemes. A process could "
        "remember a session as it does a token, which would then end as late; that is neither built nor "
        "measured. Many logins, four workers and a memory that is too small: `compare --bench conditions`."
    ),
    "The database is SQLite, a file of the same machine; PostgreSQL stands beside where it is installed.",
    (
        "Both thresholds were set before anything was measured; that a tenth of the open request decides "
        "where tokens end later was settled afterwards, when a trial run lay across 0.20 ms."
    ),
    "`me/` tells a login's id and expiry, which the open view has none of: some bytes more to write.",
)


def _measured(samples: Samples) -> str:
    values = samples["open, row"]
    launches, loud = len({value.launch for value in values}), sum(value.flagged for value in values)
    return (
        f"How it was measured: {launches} launches, {len(values)} blocks in all; in each every arm twice, in "
        f"random order and then mirrored, {REQUESTS} requests a visit, of which the first {DROPPED} do not "
        f"count. n is blocks; intervals are over launches, at {CONFIDENCE:.0%}, of the four primary "
        f"contrasts at {PRIMARY_CONFIDENCE:.2%}. {loud} blocks are flagged as not quiet; no word is given "
        f"that the value without them contradicts."
    )


def _by_one_threshold(deciding: Collection[Contrast], samples: Samples) -> str:
    tenth = controls.tenth(samples)
    coarse, fine = (kind_of(one.outcome(limit) for one in deciding) for limit in (DELTA_MS, tenth))
    return (
        f"With one threshold for all three, this row would say {coarse} at {DELTA_MS:.2f} ms and {fine} at a "
        f"tenth of the open request, {tenth:.2f} ms."
    )


def _by_bias(samples: Samples) -> str:
    return (
        f"At less than {DELTA_MS:.2f} ms a word is given only if a shift by {controls.bias(samples):.3f} ms, "
        "the most that was measured where nothing differs, does not turn it."
    )


def _rule(deciding: Mapping[str, Contrast], outcomes: Mapping[str, Outcome], samples: Samples) -> str:
    told = {name: f"{name} ({_weighed(one, samples)})" for name, one in deciding.items()}
    faster = [told[name] for name in deciding if outcomes[name] is Outcome.FASTER]
    not_faster = [told[name] for name in deciding if outcomes[name] in NEVER_FASTER]
    unknown = [told[name] for name in deciding if told[name] not in (*faster, *not_faster)]
    undecided = f" Not decided where they are {' and '.join(unknown)}." if unknown else ""
    return (
        f"Tokens save time where they are {' or '.join(faster)}; none, or too little to count, where they "
        f"are {', or '.join(not_faster)}.{undecided}"
    )


def _beside(others: Mapping[str, Contrast], outcomes: Mapping[str, Outcome], samples: Samples) -> str:
    """What other opponents would have made of it."""
    unchecked = {name: others[name].all_blocks.value for name in UNCHECKED if name in others}
    word = agreed(outcomes[name] for name in unchecked)
    first = "; ".join(
        f"{name.partition(',')[0]}, {outcomes[name]} ({_weighed(others[name], samples)})"
        for name in (CLAIMED, MARKED)
    )
    return (
        f"Beside a session in the database, what is not looked up: {word} ({max(unchecked.values()):+.2f} to "
        f"{min(unchecked.values()):+.2f} ms). Beside a warm copy in Redis, at first sight: {first}."
    )


def _weighed(one: Contrast, samples: Samples) -> str:
    """Beside what would count, so that nobody takes two yardsticks for one."""
    whole = estimate(blocks(samples["open, row"]), CONFIDENCE).value
    found = one.all_blocks.value
    return (
        f"{found:+.2f} ms, {found / whole:+.0%} of the open request; "
        f"{controls.threshold(one, samples):.2f} ms counts"
    )
