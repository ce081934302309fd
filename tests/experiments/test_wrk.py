"""What wrk prints, and whether it agrees; wrk itself runs on a quiet machine only."""

from collections.abc import Sequence

import pytest

from authcompare.experiments.bench.wrk import Rates, judge, milliseconds
from authcompare.experiments.costs.noise import Noise
from authcompare.experiments.costs.timed_arms import ARMS, COMPARED, base
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.timing import Measured
from tests.experiments.canned import LAUNCHES, timed

PRINTED = """Running 2s test @ http://127.0.0.1:1/open/me/
  1 threads and 1 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     0.82ms  120.00us   3.00ms   92.00%
  2490 requests in 2.00s, 1.20MB read
Requests/sec:   1250.00
Transfer/sec:    614.00KB
"""


def test_milliseconds_come_from_the_rate() -> None:
    assert milliseconds(PRINTED) == 0.8


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (PRINTED + "  Non-2xx or 3xx responses: 12\n", "responses: 12"),
        (PRINTED + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", "read 3"),
        (PRINTED.replace("1250.00", "0.00"), "wrk"),
        ("unable to connect", "unable to connect"),
    ],
)
def test_what_was_not_answered_is_no_time(printed: str, said: str) -> None:
    with pytest.raises(Broken, match=said):
        milliseconds(printed)


def rates(factors: Sequence[float]) -> dict[str, Rates]:
    """What wrk says of each arm: so many times one and a half of the open request, launch by launch."""
    return {name: Rates([[1.5 * one] for one in factors], [[1.0]] * len(factors)) for name in COMPARED}


@pytest.mark.parametrize(("factor", "word"), [(1.05, "reached"), (1.3, "missed"), (0.7, "missed")])
def test_the_ratios_are_compared(factor: float, word: str) -> None:
    costs = {name: 0.4 for name in ARMS if name in COMPARED}
    ours = Measured(values=timed(costs, noise=0.001))
    goals = judge(rates([factor] * LAUNCHES), ours).goals
    assert {goal.word for goal in goals} == {word}
    assert len(goals) == len(COMPARED)
    assert all(base(name) in ARMS for name in COMPARED)


def test_what_scatters_from_launch_to_launch_has_an_interval_that_may_decide_nothing() -> None:
    ours = Measured(values=timed({name: 0.4 for name in ARMS if name in COMPARED}, noise=0.001))
    (goal, *_) = judge(rates([0.8, 1.2] * (LAUNCHES // 2)), ours).goals
    assert goal.figure.low == 0.0
    assert goal.figure.value < 0.15 < (goal.figure.high or 0.0)
    assert goal.word == "not decided"


def test_a_machine_that_was_never_quiet_decides_nothing() -> None:
    values = timed({name: 0.4 for name in ARMS if name in COMPARED}, noise=0.001)
    places = {(value.launch, value.block) for some in values.values() for value in some}
    noises = [Noise(*place, canary_ms=5.0, steal=0.5, pressure_us=0, throttled_us=0) for place in places]
    found = judge(rates([1.0] * LAUNCHES), Measured(values=values, noises=noises))
    assert {goal.word for goal in found.goals} == {"not decided"}
    assert "not quiet" in found.doubts[0]
