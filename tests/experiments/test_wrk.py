"""What wrk prints, and whether it agrees; wrk itself runs on a quiet machine only."""

import pytest

from authcompare.experiments.bench.wrk import COMPARED, Rates, judge, milliseconds
from authcompare.experiments.costs.timed_arms import ARMS, base
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.timing import Measured
from tests.experiments.canned import timed

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


@pytest.mark.parametrize(("factor", "word"), [(1.05, "reached"), (1.3, "missed"), (0.7, "missed")])
def test_the_ratios_are_compared(factor: float, word: str) -> None:
    costs = {name: 0.4 for name in ARMS if name in COMPARED}
    ours = Measured(values=timed(costs, noise=0.001))
    theirs = {name: Rates([[1.5 * factor], [1.5 * factor]], [[1.0], [1.0]]) for name in COMPARED}
    goals = judge(theirs, ours).goals
    assert {goal.word for goal in goals} == {word}
    assert len(goals) == len(COMPARED)
    assert all(base(name) in ARMS for name in COMPARED)
