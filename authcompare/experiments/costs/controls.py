"""What has to be in order before any timing of a run may decide: nothing differs where nothing can, and a
delay that was planted is found."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import itemgetter

from authcompare.experiments.costs.comparison import (
    Blocks,
    Contrast,
    Outcome,
    Samples,
    added,
    agreed,
    blocks,
    contrast,
    estimate,
    loud_blocks,
    nothing_differs,
)
from authcompare.experiments.costs.timed_arms import ARMS, DELAYED_ARM, PLANTED_MS, base
from authcompare.experiments.estimates import Estimate, blocks_needed

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
    """Like goods are compared at DELTA_MS; what weaker guarantees save, at a tenth of a request."""
    first, second = (ARMS[arm].guarantees for arm in (one.first, one.second))
    weaker = first is not None and second is not None and first.logout_seen > second.logout_seen
    return tenth(samples) if weaker else DELTA_MS


def outcomes(found: Mapping[str, Contrast], samples: Samples) -> dict[str, Outcome]:
    """The word of each at its threshold."""
    by = bias(samples)
    return {name: unturned(one, threshold(one, samples), by) for name, one in found.items()}


def unturned(one: Contrast, limit: float, by: float) -> Outcome:
    """Its word at this threshold.

    At a smaller one than DELTA_MS, for which nulls are not strict enough, as much of it as stays true when
    the contrast is moved, either way, by so much bias.
    """
    most = by if limit < DELTA_MS else 0.0
    return agreed(one.moved(ms).outcome(limit) for ms in (0.0, most, -most))


def bias(samples: Samples) -> float:
    """The most that was measured where nothing differs, in milliseconds."""
    return max((abs(null.all_blocks.value) for null in nulls(samples).values()), default=0.0)


def missing(samples: Samples) -> list[str]:
    """Arms that every run measures and this one did not."""
    return [name for name, arm in ARMS.items() if not arm.full and not samples.get(name)]


def nulls(samples: Samples) -> dict[str, Contrast]:
    """Contrasts that have to say: no difference."""
    return contrasts(samples, NULLS, CONFIDENCE)


def planted(samples: Samples) -> Estimate:
    """The planted delay, as it was measured."""
    return estimate(added(samples, DELAYED_ARM, base(DELAYED_ARM)), CONFIDENCE)


def biased(samples: Samples) -> list[str]:
    """Where nothing can differ and something does."""
    return [
        f"Nothing differs between {name}, and {null.text(DELTA_MS)} was measured."
        for name, null in nulls(samples).items()
        if not nothing_differs(null.all_blocks, DELTA_MS) or null.outcome(DELTA_MS) is not Outcome.SAME
    ]


def fault(samples: Samples) -> str:
    """Why these timings may not decide anything; empty if they may."""
    delay = planted(samples)
    if reasons := biased(samples):
        return reasons[0]
    if not (FOUND_FROM_MS <= delay.value <= FOUND_TO_MS and delay.half_width <= DELTA_MS / 2):
        measured = delay.text(".3f")
        return f"A planted delay of {PLANTED_MS:.2f} ms was measured as {measured}: no timing may decide."
    return ""


def needs(samples: Samples, found: Iterable[Contrast]) -> str:
    """What it takes to decide; a null that is surely none is no matter of more blocks."""
    shifted = [
        null
        for null in nulls(samples).values()
        if abs(null.all_blocks.value) > DELTA_MS / 2 and null.all_blocks.low * null.all_blocks.high > 0
    ]
    if shifted:
        return "a quiet machine; more blocks do not help"
    pairs = [(one.all_blocks, threshold(one, samples)) for one in (*found, *nulls(samples).values())]
    delay = replace(planted(samples), value=0.0)  # what counts of it is how wide it is
    n, taken = max(
        ((blocks_needed(one, limit), one) for one, limit in (*pairs, (delay, DELTA_MS))), key=itemgetter(0)
    )
    if n == taken.blocks:
        return "a quiet machine; there were blocks enough"
    return f"{n} blocks in {math.ceil(n / taken.blocks * taken.n)} launches, on a quiet machine"
