"""How late answers are at a fixed rate: slices of requests, compared pair by pair of slices. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from authcompare.experiments.costs.comparison import nothing_differs
from authcompare.experiments.costs.timed_arms import DELAYED_ARM
from authcompare.experiments.estimates import Estimate, quantile
from authcompare.experiments.verdict import Figure

OPEN = "open, row"
NULL = ("sessions, database, again", "sessions, database")  # nothing differs between these
PLANTED_MS = 0.5  # about twice what matters
JUDGED, SHARE = 0.95, 0.20  # less than that share of what so many open requests take does not matter
TAIL = 10  # times the median: so late is counted
IN_SLICES = "median of slices; n is slices"
IN_PAIRS = "median of the differences of slices; n is pairs of slices"


@dataclass(frozen=True)
class Slice:
    """Milliseconds of requests that followed each other; infinite where there was no answer."""

    ms: tuple[float, ...]


Slices = Mapping[str, Sequence[Slice]]


def late(one: Slice) -> float:
    """The percentile that is judged."""
    return quantile(one.ms, JUDGED).value


def every(slices: Sequence[Slice]) -> list[float]:
    """All requests of an arm."""
    return [ms for one in slices for ms in one.ms]


def gain(samples: Slices, pair: tuple[str, str]) -> Estimate:
    """The first minus the second.

    The median over pairs of slices, for a stall moves one of them; a slice is one observation.
    """
    one, other = (list(map(late, samples[name])) for name in pair)
    return quantile([first - second for first, second in zip(one, other, strict=True)], 0.5)


def limit(samples: Slices) -> float:
    """Smaller differences do not matter."""
    return SHARE * median(map(late, samples[OPEN]))


def null(samples: Slices) -> Estimate:
    """A session against itself."""
    return gain(samples, NULL)


def planted(samples: Slices) -> Estimate:
    """The planted delay, as it was measured: in a process of its own, for the others cannot be late."""
    return gain(samples, (DELAYED_ARM, OPEN))


def fault(samples: Slices) -> str:
    """Why no difference may decide; empty if it may."""
    nothing, delay = null(samples), planted(samples)
    if not nothing_differs(nothing, limit(samples)):
        return f"Nothing differs between a session and itself, and {nothing.text()} was measured."
    if delay.low <= 0 or not nothing_differs(delay.moved(-PLANTED_MS), limit(samples)):
        measured = delay.text(".2f")
        return f"A planted delay of {PLANTED_MS:.2f} ms was measured as {measured}: no difference may decide."
    return ""


def control_figures(samples: Slices) -> Iterator[Figure]:
    """What has to be in order before anything is decided, and by what it is."""
    yield Figure.of("95 % within, a session minus itself", null(samples), "ms", note=IN_PAIRS)
    yield Figure.of(f"planted delay of {PLANTED_MS:.2f} ms", planted(samples), "ms", note=IN_PAIRS)
    note = f"{SHARE:.0%} of “{OPEN}: 95 % within”"
    yield Figure("smaller differences do not matter", limit(samples), "ms", 0, note=note)


def arm_figures(name: str, slices: Sequence[Slice]) -> Iterator[Figure]:
    """Of all requests of an arm; what is judged, as it is judged: slice by slice."""
    times = every(slices)
    longest = max((ms for ms in times if not math.isinf(ms)), default=0.0)
    yield _within(f"{name}: half within", quantile(times, 0.5), longest)
    yield Figure.of(f"{name}: 95 % within", quantile(list(map(late, slices)), 0.5), "ms", note=IN_SLICES)
    yield _within(f"{name}: 99 % within", quantile(times, 0.99), longest)
    lost, slow = sum(map(math.isinf, times)), sum(ms > TAIL * median(times) for ms in times)
    note = f"{slow} took more than {TAIL} times the median, {lost} had no answer"
    yield Figure(f"{name}: the slowest", longest, "ms", len(times), note=note)


def _within(name: str, found: Estimate, longest: float) -> Figure:
    """A request without an answer is later than any number: no figure can be, so a note says it."""
    if math.isinf(found.high):
        known = min(found.value, longest)
        return Figure(name, known, "ms", found.n, note="or more: at its upper end there was no answer")
    return Figure.of(name, found, "ms")
