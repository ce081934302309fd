"""What has to be in order before any timing of a run may decide: nothing differs where nothing can, and a
delay that was planted is found."""

from collections.abc import Mapping

from authcompare.experiments.costs.comparison import (
    Blocks,
    Contrast,
    Outcome,
    Samples,
    added,
    blocks,
    contrast,
    estimate,
    loud_blocks,
)
from authcompare.experiments.costs.timed_arms import ARMS, DELAYED_ARM, PLANTED_MS, base
from authcompare.experiments.estimates import Estimate

DELTA_MS = 0.20  # smaller differences do not matter; set before anything was measured
SHARE = 0.10  # of the open request: the other threshold, set before as well; see `threshold`
FOUND_FROM_MS, FOUND_TO_MS = 0.16, 0.24
CONFIDENCE, PRIMARY_CONFIDENCE = 0.95, 1 - 0.05 / 4  # the four primary contrasts share the 5 %
NULLS = {
    "the same arm twice, in one process": ("sessions, database, again", "sessions, database"),
    "the open view twice, in one process": ("open, row, again", "open, row"),
    "the same arm in two processes": ("sessions, database, in another process", "sessions, database"),
    "the same arm in two processes with the same settings": (
        "sessions, database, twin",
        "sessions, database",
    ),
}

DECIDED = {Outcome.FASTER, Outcome.SLOWER, Outcome.SAME}

Pairs = Mapping[str, tuple[str, str]]


def contrasts(samples: Samples, wanted: Pairs, confidence: float) -> dict[str, Contrast]:
    """Those of the wanted that were measured, each arm over the open view of its own process."""
    there = {name: pair for name, pair in wanted.items() if all(samples.get(arm) for arm in pair)}
    effects: dict[str, Blocks] = {
        arm: added(samples, arm, base(arm)) for pair in there.values() for arm in pair
    }
    loud = loud_blocks(samples)
    return {name: contrast(one, other, effects, loud, confidence) for name, (one, other) in there.items()}


def tenth(samples: Samples) -> float:
    """The second threshold in milliseconds."""
    return SHARE * estimate(blocks(samples["open, row"]), CONFIDENCE).value


def threshold(one: Contrast, samples: Samples) -> float:
    """Like goods are compared at DELTA_MS. What weaker guarantees save is a price, which counts from a tenth
    of a request on; where that is not decided, too, whether it stays below DELTA_MS."""
    first, second = (ARMS[arm].guarantees for arm in (one.first, one.second))
    weaker = first is not None and second is not None and first.logout_seen > second.logout_seen
    limit = tenth(samples)
    return limit if weaker and one.outcome(limit) in DECIDED else DELTA_MS


def missing(samples: Samples) -> list[str]:
    """Arms that every run measures and this one did not."""
    return [name for name, arm in ARMS.items() if not arm.full and not samples.get(name)]


def nulls(samples: Samples) -> dict[str, Contrast]:
    """Contrasts that have to say: no difference."""
    return contrasts(samples, NULLS, CONFIDENCE)


def planted(samples: Samples) -> Estimate:
    """The planted delay, as it was measured."""
    return estimate(added(samples, DELAYED_ARM, base(DELAYED_ARM)), CONFIDENCE)


def fault(samples: Samples) -> str:
    """Why these timings may not decide anything; empty if they may."""
    for name, null in nulls(samples).items():
        found = null.all_blocks
        if abs(found.value) > DELTA_MS / 2 or null.outcome(DELTA_MS) is not Outcome.SAME:
            interval = f"({found.low:+.3f} to {found.high:+.3f})"
            return f"Nothing differs between {name}, and {found.value:+.3f} ms {interval} was measured."
    delay = planted(samples)
    if not (0 < delay.low <= FOUND_TO_MS and delay.high >= FOUND_FROM_MS):
        measured = f"{delay.value:.3f} ms ({delay.low:.3f} to {delay.high:.3f})"
        return f"A planted delay of {PLANTED_MS:.2f} ms was measured as {measured}: no timing may decide."
    return ""
