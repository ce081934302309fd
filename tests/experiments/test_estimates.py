"""The statistics, against tables and against data whose truth is known."""

import math
import random
from statistics import median

import pytest

from authcompare.experiments.estimates import (
    Estimate,
    between,
    blocks_needed,
    bootstrap,
    by_launch,
    fit,
    none_of,
    over_launches,
    quantile,
    ranks,
    ratio,
    ratio_over_launches,
    t_quantile,
    t_within,
)

SETS, LAUNCHES, BLOCKS = 200, 6, 10
LAUNCH_SD, BLOCK_SD, CORRELATION = (
    0.034,
    0.060,
    0.1,
)  # milliseconds, as measured; block differences hardly correlate
DELTA = 0.20


@pytest.mark.parametrize(
    ("freedom", "confidence", "table"),
    [
        (1, 0.95, 12.706),
        (2, 0.95, 4.303),
        (5, 0.95, 2.571),
        (5, 0.99, 4.032),
        (11, 0.95, 2.201),
        (30, 0.9, 1.697),
    ],
)
def test_t_quantiles_are_those_of_the_tables(freedom: int, confidence: float, table: float) -> None:
    assert t_quantile(freedom, confidence) == pytest.approx(table, abs=0.001)


def test_t_comes_near_the_normal_distribution() -> None:
    assert t_within(1.959964, 5001) == pytest.approx(0.95, abs=1e-4)


def launches(source: random.Random, shift: float = 0.0) -> list[list[float]]:
    """Block differences: each launch has its own bias, blocks follow an AR(1) process."""
    return [series(source, shift + source.gauss(0, LAUNCH_SD)) for _ in range(LAUNCHES)]


def series(source: random.Random, middle: float) -> list[float]:
    values = [source.gauss(0, BLOCK_SD)]
    for _ in range(BLOCKS - 1):
        fresh = source.gauss(0, BLOCK_SD * math.sqrt(1 - CORRELATION**2))
        values.append(CORRELATION * values[-1] + fresh)
    return [middle + value for value in values]


def test_identical_arms_raise_the_alarm_about_as_often_as_promised() -> None:
    source = random.Random(7)
    found = [over_launches(launches(source)) for _ in range(SETS)]
    alarms = sum(one.low > 0 or one.high < 0 for one in found) / SETS
    assert 0.02 <= alarms <= 0.09


def test_a_planted_difference_is_found() -> None:
    source = random.Random(8)
    found = sum(over_launches(launches(source, DELTA)).low > 0 for _ in range(SETS)) / SETS
    assert found > 0.8


def test_blocks_taken_for_independent_would_raise_far_too_many_alarms() -> None:
    source = random.Random(9)
    pooled = [[[value] for launch in launches(source) for value in launch] for _ in range(SETS)]
    found = [over_launches(one) for one in pooled]
    assert sum(one.low > 0 or one.high < 0 for one in found) / SETS > 0.15


def test_the_bootstrap_agrees_about_the_middle() -> None:
    data = launches(random.Random(3), 0.5)
    one, other = over_launches(data), bootstrap(data, seed=1)
    assert one.value == other.value
    assert other.low < one.value < other.high
    assert bootstrap(data, seed=1) == other


def of_its_own(*medians: float) -> list[list[float]]:
    return [[value] for value in medians]


@pytest.mark.parametrize(
    ("one", "other", "value", "reach"),
    [
        ((1, 2, 3), (2, 3, 4), -1, 2.776 * math.sqrt(2 / 3)),  # as wide as each other: 4 degrees of freedom
        ((1, 2, 3), (2, 2), 0, 4.303 * math.sqrt(1 / 3)),  # all of it from the first: its own 2
        ((5, 5), (2, 2, 2), 3, 0),
    ],
)
def test_the_difference_of_two_runs_is_welchs(
    one: tuple[float, ...], other: tuple[float, ...], value: float, reach: float
) -> None:
    found = between(of_its_own(*one), of_its_own(*other))
    assert (found.value, found.half_width) == pytest.approx((value, reach), abs=0.001)
    assert (found.n, found.blocks) == (len(one) + len(other), len(one) + len(other))


def test_runs_of_the_same_differ_about_as_often_as_promised() -> None:
    source = random.Random(10)
    found = [between(launches(source), launches(source)) for _ in range(5 * SETS)]
    assert 0.03 <= sum(one.low > 0 or one.high < 0 for one in found) / len(found) <= 0.07


def test_a_shift_from_run_to_run_is_found() -> None:
    source = random.Random(11)
    assert (
        sum(between(launches(source, DELTA), launches(source), 0.99).low > 0 for _ in range(SETS))
        > 0.8 * SETS
    )


def test_one_launch_of_a_run_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="two launches"):
        between(of_its_own(1), of_its_own(1, 2))


def test_a_ratio_is_taken_launch_by_launch() -> None:
    theirs = [[1.0, 1.0], [2.0, 2.0], [4.0, 4.0]]
    found = ratio_over_launches([[value / 4 for value in one] for one in theirs], theirs)
    assert (found.value, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_a_ratio_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        ratio_over_launches([[0.0], [1.0]], [[1.0], [1.0]])


def test_a_quantile_lies_between_two_of_the_values() -> None:
    found = quantile([float(number) for number in range(1000)], 0.95)
    assert (found.value, found.low, found.high) == (949.5, 935, 963)
    assert quantile([1.0, 2.0, 3.0, 9.0], 0.5).value == median([1.0, 2.0, 3.0, 9.0])
    assert quantile([1.0], 0.99).high == 1.0
    with pytest.raises(ValueError, match="Nothing"):
        quantile([], 0.5)


@pytest.mark.parametrize("n", [6, 8, 18, 30, 90])
def test_the_interval_of_a_median_holds_it_as_often_as_promised_and_is_no_wider(n: int) -> None:
    low, high = ranks(n, 0.5, 0.95)

    def chance(first: int, last: int) -> float:
        """That the true median lies between the values of these ranks: so many of n tosses are heads."""
        return sum(math.comb(n, heads) for heads in range(first, last)) / 2**n

    assert low + high == n + 1
    assert chance(low, high) >= 0.95 > chance(low + 1, high - 1)


@pytest.mark.parametrize("share", [0.95, 0.99])
def test_the_interval_of_a_high_percentile_misses_it_as_seldom_on_either_side(share: float) -> None:
    source, below, above, sets = random.Random(12), 0, 0, 1000
    for _ in range(sets):
        found = quantile([source.random() for _ in range(500)], share)
        below += found.high < share
        above += found.low > share
    assert max(below, above) / sets <= 0.04


@pytest.mark.parametrize("n", [30, 60])
def test_a_ratio_of_two_medians_has_the_true_one_in_its_interval_as_often_as_promised(n: int) -> None:
    source, hits, sets = random.Random(4), 0, 1000
    for _ in range(sets):
        ones, others = ([source.lognormvariate(middle, 0.5) for _ in range(n)] for middle in (0.7, 0.0))
        found = ratio(quantile(ones, 0.5), quantile(others, 0.5))
        hits += found.low <= math.exp(0.7) <= found.high
    assert 0.95 <= hits / sets <= 0.99


def test_a_ratio_of_what_may_be_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not above zero"):
        ratio(Estimate(1.0, 0.0, 2.0, 9, 9), Estimate(1.0, 0.5, 2.0, 9, 9))


def test_one_launch_has_no_interval() -> None:
    with pytest.raises(ValueError, match="two launches"):
        over_launches([[1.0, 2.0]])


def test_effects_are_gathered_by_launch() -> None:
    assert by_launch({(1, 0): 3.0, (0, 1): 2.0, (0, 0): 1.0}) == [[1.0, 2.0], [3.0]]


def test_twice_the_width_needs_four_times_the_blocks() -> None:
    found = over_launches([[-0.1] * 10, [0.1] * 10])
    assert blocks_needed(found, found.half_width) == 80


def test_an_estimate_at_the_limit_needs_more_than_one_far_from_it() -> None:
    near, far = over_launches([[0.17] * 10, [0.19] * 10]), over_launches([[0.01] * 10, [0.03] * 10])
    assert near.half_width == pytest.approx(far.half_width)
    assert blocks_needed(near, DELTA) > 10 * blocks_needed(far, DELTA)


def test_a_line_is_found_with_its_interval() -> None:
    source = random.Random(4)
    line = fit([(x / 10, 0.1 + x / 10 + source.gauss(0, 0.02)) for x in range(10)])
    assert line.slope.low < 1 < line.slope.high
    assert line.intercept == pytest.approx(0.1, abs=0.05)


def test_what_was_never_seen_has_an_upper_bound() -> None:
    assert none_of(300) == pytest.approx(3 / 300, rel=0.01)


def test_an_estimate_is_told_with_its_interval_in_one_form_and_unit() -> None:
    found = Estimate(0.5, 0.25, 0.75, 6, 60)
    assert found.text() == "+0.50 ms (+0.25 to +0.75)"
    assert found.text(".0%", unit="") == "50% (25% to 75%)"
    assert found.times(100).moved(-50) == Estimate(0, -25, 25, 6, 60)
