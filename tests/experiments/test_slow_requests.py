"""From lateness at a fixed rate to a verdict; a request without an answer is as late as can be."""

import math
import random
import re

import pytest

from authcompare.experiments.claims import slow_requests
from authcompare.experiments.claims.slow_requests import (
    ASKED,
    PAIRS,
    REQUESTS,
    SLICES,
    SlowRequests,
    _at_a_fixed_rate,
)
from authcompare.experiments.costs.lateness import NULL, OPEN, PLANTED_MS, Slice
from authcompare.experiments.costs.timed_arms import ARMS, DELAYED_ARM
from authcompare.experiments.deployments.deployment import Broken, Skipped
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.verdict import Kind
from tests.experiments.lookalikes import lookalike

Samples = dict[str, list[Slice]]


def samples(noise: float = 0.05, **middles: float) -> Samples:
    """Slices of an arm, by scheme and store; slices differ as well. The controls are in order."""
    source, again, session = random.Random(1), *NULL
    usual = {DELAYED_ARM: middles.get(_key(OPEN), 1.0) + PLANTED_MS, again: middles.get(_key(session), 1.0)}
    return {
        name: [_slice(source, middles.get(_key(name), usual.get(name, 1.0)), noise) for _ in range(SLICES)]
        for name in ASKED
    }


def _key(name: str) -> str:
    return name.replace(", ", "_")


def _slice(source: random.Random, middle: float, noise: float) -> Slice:
    lift = source.gauss(0, noise)
    return Slice(tuple(middle + lift + source.gauss(0, 0.05) for _ in range(REQUESTS)))


@pytest.mark.parametrize(
    ("middles", "kind"),
    [
        ({"sessions_database": 1.5, "sessions_cached": 1.5}, Kind.HOLDS),  # a session adds half a millisecond
        ({}, Kind.REFUTED),
        ({"tokens_database": 1.5, "tokens_denylist": 1.5}, Kind.REFUTED),
        ({"sessions_database": 1.5}, Kind.DEPENDS),
        ({"sessions_database": 1.22, "sessions_cached": 1.22}, Kind.INCONCLUSIVE),
        ({"noise": 4.0}, Kind.INCONCLUSIVE),
    ],
)
def test_each_verdict_can_be_reached(middles: dict[str, float], kind: Kind) -> None:
    verdict = SlowRequests().judge(samples(**middles))
    assert verdict.kind is kind
    assert bool(verdict.rule) == (kind is Kind.DEPENDS)
    assert verdict.needs.endswith("slices of each arm, on a quiet machine") == (kind is Kind.INCONCLUSIVE)


SLOW = {_key(name): 6.0 for name in ASKED}


@pytest.mark.parametrize(
    ("middles", "said"),
    [
        ({"sessions_database_again": 1.15}, "Nothing differs between a session and itself, and +0.1"),
        ({"sessions_database_again": 0.8}, "Nothing differs between a session and itself, and -0.2"),
        ({"open_hs256_delayed": 1.0}, "A planted delay of 0.50 ms was measured as 0.0"),
        # Where everything is slow, much does not matter; what was planted has to be seen all the same.
        (SLOW, "A planted delay of 0.50 ms was measured as"),
        ({"open_hs256_delayed": 1.65}, "A planted delay of 0.50 ms was measured as 0.6"),
    ],
)
def test_what_differs_from_itself_and_a_planted_delay_that_is_not_found_stop_every_verdict(
    middles: dict[str, float], said: str
) -> None:
    verdict = SlowRequests().judge(samples(**middles))
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.because.startswith(said)
    assert verdict.needs.endswith("slices of each arm, on a quiet machine")


def test_both_branches_are_told_with_their_figures() -> None:
    rule = SlowRequests().judge(samples(sessions_database=1.5)).rule
    faster, _, never = rule.partition("; not where both are ")
    assert "where both are looked up in the database: -0.5" in faster
    assert never.startswith("looked up in Redis: ")


def test_the_limit_is_a_fifth_of_what_an_open_request_takes() -> None:
    cheaper = {"sessions_database": 1.5, "sessions_cached": 1.5}
    assert (
        "Less than 0.22 ms, a fifth of an open request's," in SlowRequests().judge(samples(**cheaper)).because
    )
    assert SlowRequests().judge(samples(**cheaper, open_row=9.0)).kind is Kind.REFUTED


def test_what_decides_is_among_the_figures_as_it_decides() -> None:
    some = samples(sessions_database=1.6, sessions_cached=1.4)
    figures = {figure.name: figure for figure in SlowRequests().judge(some).figures}
    added = [figures[f"95 % within, a session {words} minus the open view"].value for words in PAIRS]
    assert added == pytest.approx([0.4, 0.6], abs=0.1)
    plain = figures[f"{OPEN}: 95 % within"]
    assert (plain.n, plain.note) == (SLICES, "median of slices; n is slices")
    assert figures["smaller differences do not matter"].value == pytest.approx(plain.value / 5)
    assert figures["planted delay of 0.50 ms"].value == pytest.approx(0.5, abs=0.1)
    assert figures["95 % within, a session minus itself"].value == pytest.approx(0, abs=0.1)


def test_where_a_session_adds_less_than_what_matters_no_token_could_have_won() -> None:
    said = SlowRequests().judge(samples(sessions_database=1.6, sessions_cached=1.1)).because
    adds = (
        r" Looked up in Redis, no token could be sooner by as much: a session there adds 0\.\d\d ms \(\S+ to"
    )
    assert re.search(adds, said)
    assert "Looked up in the database, no token could" not in said


def test_an_unchecked_token_is_told_with_what_it_notices_and_decides_nothing() -> None:
    verdict = SlowRequests().judge(samples(tokens_none=0.5))
    assert verdict.kind is Kind.REFUTED
    told = verdict.because.partition("Not decisive: a token that is not looked up ")[2]
    assert told.startswith(
        "(it notices logout within 300 s, deactivation within 300 s, changed rights within 300 s) minus a "
        "session looked up in Redis -0."
    )
    assert re.search(r"\), faster; looked up in the database -0\.\d\d ms \(\S+ to \S+\), faster\.$", told)


def test_what_one_start_tells_is_said() -> None:
    _, fifth, start, _ = SlowRequests().judge(samples()).doubts
    assert "was settled after trial runs" in fifth
    assert start.startswith("The processes were started once, and one process answers both of a pair,")
    assert all(ARMS[one].process == ARMS[other].process for one, other in PAIRS.values())


def test_a_stall_of_the_machine_in_some_slices_turns_nothing() -> None:
    some = samples()
    stalled = [Slice((*one.ms[:-15], *[60.0] * 15)) for one in some["sessions, cached"][:4]]
    some["sessions, cached"][:4] = stalled
    verdict = SlowRequests().judge(some)
    assert verdict.kind is Kind.REFUTED
    assert "sessions, cached 60.0 ms and 60.0 ms" in verdict.doubts[-1]


def test_requests_without_an_answer_are_late_and_counted() -> None:
    some = samples()
    some[OPEN][0] = Slice((*[math.inf] * 2, *some[OPEN][0].ms[2:]))
    figures = {figure.name: figure for figure in SlowRequests().judge(some).figures}
    slowest = figures[f"{OPEN}: the slowest"]
    assert slowest.value < 2
    assert slowest.note == "2 took more than 10 times the median, 2 had no answer"
    some["tokens, none"][3] = Slice((math.inf,) * REQUESTS)
    assert SlowRequests().judge(some).because == (
        "tokens, none: more than one in twenty requests of a slice had no answer."
    )


def test_a_percentile_that_reaches_to_where_no_answer_came_is_told_without_an_upper_end() -> None:
    some = samples()
    some["tokens, none"] = [Slice((*[math.inf] * 2, *one.ms[2:])) for one in some["tokens, none"]]
    figures = {figure.name: figure for figure in SlowRequests().judge(some).figures}
    within = figures["tokens, none: 99 % within"]
    assert (within.high, within.note) == (None, "or more: at its upper end there was no answer")
    assert figures["tokens, none: half within"].high is not None
    some["sessions, cached"] = some["tokens, none"]
    assert "sessions, cached no answer and no answer" in SlowRequests().judge(some).doubts[-1]


def test_a_missing_arm_is_broken() -> None:
    some = samples()
    del some["tokens, none"]
    assert SlowRequests().judge(some).because == "Not measured: tokens, none."


def test_a_quick_run_has_no_time_for_it() -> None:
    with pytest.raises(Skipped, match="a full run has the time"):
        SlowRequests().arms(quick=True)
    assert len(SlowRequests().arms(quick=False)) == len(ASKED)


def test_there_are_enough_requests_for_the_percentile_that_is_told_of_each_arm() -> None:
    assert REQUESTS * SLICES >= 2000  # measuring: the 99th from 2,000 on
    assert f"{REQUESTS * SLICES:,} requests an arm" in slow_requests.QUICK


def test_the_rate_is_kept() -> None:
    with lookalike(200) as site:
        late = _at_a_fixed_rate(Connection(site.doors[0]), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", site)
    assert len(late.ms) == REQUESTS
    assert all(0 <= ms < math.inf for ms in late.ms)  # no answer comes before its request is due


def test_another_answer_is_broken_and_not_slow() -> None:
    with lookalike(401) as site, pytest.raises(Broken, match="At a steady rate, an answer was 401"):
        _at_a_fixed_rate(Connection(site.doors[0]), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", site)
