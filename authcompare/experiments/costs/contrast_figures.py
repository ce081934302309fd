"""Performance as figures: what each arm adds, what each contrast comes to, and what counts. Pure."""

from collections.abc import Mapping

from authcompare.experiments.costs.comparison import Contrast, Samples, added, blocks, estimate, ratio
from authcompare.experiments.costs.controls import CONFIDENCE, DELTA_MS, PRIMARY_CONFIDENCE, unturned
from authcompare.experiments.costs.timed_arms import ARMS, base
from authcompare.experiments.verdict import Figure


def arm_figures(samples: Samples) -> tuple[Figure, ...]:
    """What each arm adds; of open views, what they take."""
    return tuple(_arm_figure(name, samples) for name in ARMS if samples.get(name))


def _arm_figure(name: str, samples: Samples) -> Figure:
    promise = ARMS[name].guarantees
    if promise is None:
        return Figure.of(f"whole request: {name}", estimate(blocks(samples[name]), CONFIDENCE), "ms")
    times, cost = (
        ratio(samples, name, base(name), CONFIDENCE),
        estimate(added(samples, name, base(name)), CONFIDENCE),
    )
    note = f"{times.text('.2f', ' times the open request')}; {promise.text}"
    return Figure.of(f"added: {name}", cost, "ms", note=note)


def thresholds(tenth: float) -> tuple[Figure, ...]:
    """From which difference on it counts."""
    note = f"decides between like goods; the four primary intervals are at {PRIMARY_CONFIDENCE:.2%}"
    return (
        Figure("smaller differences do not matter", DELTA_MS, "ms", 0, note=note),
        Figure(
            "a tenth of the open request",
            tenth,
            "ms",
            0,
            note="decides where logout is seen later",
        ),
    )


def contrast_figures(found: Mapping[str, Contrast], tenth: float, bias: float) -> tuple[Figure, ...]:
    """Each difference, with the word of either threshold and whatever else is known about it.

    `bias`: by how many milliseconds a shift must not turn the word at a tenth.
    """
    return tuple(
        Figure.of(
            f"difference: {name}",
            one.all_blocks,
            "ms",
            note=f"{one.first} minus {one.second}, {guarantees(one)}: {one.outcome(DELTA_MS)}; "
            f"against a tenth of the open request: {unturned(one, tenth, bias)}; "
            f"{one.without_loud}; bootstrap {one.bootstrap.low:+.3f} to {one.bootstrap.high:+.3f}; "
            f"over {one.all_blocks.n} launches",
        )
        for name, one in found.items()
    )


def guarantees(one: Contrast) -> str:
    """Nobody is to compare the prices of different goods without being told."""
    first, second = ARMS[one.first].guarantees, ARMS[one.second].guarantees
    if first is None or second is None:
        return "no guarantees"
    if weaker := first.weaker_than(second):
        return f"weaker guarantees: {'; '.join(weaker)}"
    if weaker := second.weaker_than(first):
        return f"stronger guarantees than {one.second}: {'; '.join(weaker)}"
    return "equal guarantees"
