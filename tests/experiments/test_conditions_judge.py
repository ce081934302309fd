"""What is said about the order of the schemes, on canned values that must give each word."""

from collections.abc import Mapping
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from authcompare.experiments.bench import record
from authcompare.experiments.bench.conditions import line
from authcompare.experiments.bench.conditions.found import Found, Sent
from authcompare.experiments.bench.conditions.judging import judge
from authcompare.experiments.bench.conditions.named import (
    AGAIN,
    CONDITIONS,
    DISTANCES,
    DRAWN,
    FAR,
    HALF,
    HTTP2,
    NEAR,
    STARTED,
    TIMED,
    UNMET,
    USUAL,
    Condition,
)
from authcompare.experiments.bench.goal import Bench, Finding
from authcompare.experiments.costs.timed_arms import ARMS, COMPARED
from tests.experiments.canned import timed

COSTS = {
    "sessions, database": 0.9,
    AGAIN: 0.9,
    "sessions, cached": 0.5,
    "tokens, database": 0.4,
    "tokens, denylist": 0.5,
    "tokens, none": 0.1,
}
TRIPS = {arm: promise.round_trips for arm in COSTS if (promise := ARMS[arm].guarantees) and arm in COMPARED}
RUN = {"started": "2026-11-25T00:00:00", "quick": False, "seed": 1, "command": "compare", "environment": {}}


def found(
    changed: Mapping[Condition, Mapping[str, float]] | None = None, noise: float = 0.02, more: int = 0
) -> Found:
    """Every condition at the usual costs, but for what is changed; `more` round trips than were promised."""
    trips = {arm: promised + more for arm, promised in TRIPS.items() if promised}
    made = Found(hops=[0.08, 0.09, 0.1], trips={arm: [float(count)] * 6 for arm, count in trips.items()})
    for condition in CONDITIONS:
        ms = DISTANCES.get(condition, 0)
        costs = {arm: cost + trips.get(arm, 0) * ms for arm, cost in COSTS.items()}
        values = timed({**costs, **(changed or {}).get(condition, {})}, noise)
        made.first |= {condition.key(arm): values[arm] for arm in (*TIMED, AGAIN)}
    return made


def finding(bench: Bench, condition: Condition) -> Finding:
    (one,) = [one for one in bench.findings if one.name.startswith(f"{condition.name}: ")]
    return one


def said(bench: Bench, condition: Condition) -> str:
    return finding(bench, condition).word


def test_the_order_stays_where_nothing_changes_it() -> None:
    bench = judge(found())
    assert said(bench, USUAL) == "the usual case"
    assert {said(bench, one) for one in CONDITIONS if one is not USUAL} == {"the order stays"}
    assert len(bench.doubts) == 1  # what holds for every run


def test_an_answer_has_the_three_differences_with_their_intervals() -> None:
    words = finding(judge(found()), HTTP2).measured
    assert "looked up in Redis: +0.0" in words
    assert "looked up in the database: -0.5" in words
    assert "not looked up: -0.4" in words
    assert words.count(" to ") == 3


def test_an_order_that_turns_is_said_with_where() -> None:
    turned = {DRAWN: {"sessions, database": 0.4, "tokens, database": 0.9}}
    words = "the order turns where tokens are looked up in the database: slower instead of faster"
    assert said(judge(found(turned)), DRAWN) == words


@pytest.mark.parametrize(("denylist", "word"), [(0.1, "faster"), (1.5, "slower")])
def test_a_difference_that_appears_is_no_turn(denylist: float, word: str) -> None:
    words = said(judge(found({STARTED: {"tokens, denylist": denylist}})), STARTED)
    assert f"no turn, but {word} instead of no difference that matters where tokens are looked up" in words
    assert "the order turns" not in words


def test_a_difference_that_vanishes_is_no_turn() -> None:
    words = said(judge(found({STARTED: {"tokens, none": 0.5}})), STARTED)
    assert "no turn, but no difference that matters instead of faster where tokens are not looked up" in words


def test_noise_is_not_decided() -> None:
    assert said(judge(found(noise=0.9)), HTTP2) == "not decided"


def test_what_a_condition_does_not_change_is_taken_from_its_like() -> None:
    made = found()
    for arm in TIMED:
        if ARMS[arm].client == "open":
            del made.first[UNMET.key(arm)]
    assert said(judge(made), UNMET) == "the order stays"


def test_a_condition_that_was_not_measured_is_left_out_and_said() -> None:
    made = found()
    for condition in (NEAR, HALF, FAR):
        for arm in (*TIMED, AGAIN):
            del made.first[condition.key(arm)]
    made.left_out.add("Without stores at a distance: PostgreSQL is not installed.")
    bench = judge(made)
    assert not [one for one in bench.findings if "away" in one.name or "distance" in one.name]
    assert bench.doubts[-1].endswith("PostgreSQL is not installed.")


def test_a_null_that_is_none_is_said() -> None:
    bench = judge(found({USUAL: {AGAIN: 1.3}}))
    assert any(doubt.startswith("Nothing differs between the same arm twice") for doubt in bench.doubts)


def test_nothing_is_decided_where_an_arm_differs_from_itself() -> None:
    bench = judge(found({USUAL: {AGAIN: 1.3}}))
    assert {said(bench, one) for one in CONDITIONS if one is not USUAL} == {"not decided"}
    assert {finding(bench, one).measured.count(", not decided") for one in CONDITIONS} == {3}


def test_what_a_small_bias_could_turn_is_not_decided_at_a_small_threshold() -> None:
    near = {
        condition: {"tokens, none": 0.39} for condition in CONDITIONS
    }  # an eighth of an open request less
    firm = judge(found(near, noise=0.005))
    assert "not looked up: -0.11 ms (-0.11 to -0.11), faster" in finding(firm, HTTP2).measured
    near[USUAL] = {**near[USUAL], AGAIN: 0.96}
    shaky = judge(found(near, noise=0.005))
    assert finding(shaky, HTTP2).measured.endswith(", not slower, perhaps faster")
    assert "looked up in the database: -0.50 ms (-0.50 to -0.50), faster" in finding(shaky, HTTP2).measured


def test_a_line_that_agrees_with_the_proxy_is_said_so() -> None:
    assert judge(found()).findings[-1].word.startswith("agrees at 8 of 8 points")


def test_a_line_that_counts_a_round_trip_too_few_does_not_hold() -> None:
    bench = judge(found(more=1))
    assert bench.findings[-1].word.startswith("does not hold at 8 of 8 points")
    (doubt,) = [one for one in bench.doubts if "tokens, database, 2 ms away" in one]
    assert doubt.startswith("The line does not hold")
    assert doubt.endswith("computed 4 ms; 2 round trips a request promised, 3 counted.")


def test_a_line_that_noise_hides_is_not_decided() -> None:
    quiet, noisy = found(), found(noise=0.9).samples
    quiet.first |= {FAR.key(arm): list(noisy[FAR.key(arm)]) for arm in TIMED}
    points = line.points(quiet.samples, quiet.trips)
    assert {point.word for point in points if point.ms == 2} == {"is not decided"}


@pytest.mark.parametrize(("hops", "doubted"), [([0.08, 0.09, 0.1], False), ([0.5, 0.6, 0.7], True)])
def test_a_proxy_that_is_itself_a_distance_is_no_null(hops: list[float], doubted: bool) -> None:
    made = found()
    made.hops = hops
    assert any("is no null" in doubt for doubt in judge(made).doubts) is doubted


def test_it_shows_how_small_a_repeated_request_is_over_http2() -> None:
    made = found()
    made.sent["tokens, none"] = Sent(15, 700)
    figure = judge(made).figures[-1]
    assert (figure.text, figure.note) == ("15 bytes", "700 under HTTP/1.1")


def entry() -> dict[str, Any]:
    return record.entry(
        judge(found()),
        {**RUN, "environment": {"cpu": "a cpu", "cores": 2, "commit": "a" * 40, "dirty": False}},
        1.0,
    )


def test_the_readme_has_the_answers_of_a_benchmark_without_goals() -> None:
    readme = record.tables({"benches": {"conditions": entry()}})
    answered = "| **the order stays** | tokens minus sessions, looked up in Redis: "
    assert "| HTTP/2: one login" in readme
    assert readme.count(answered) == len(CONDITIONS) - 1
    assert "| Goal |" not in readme


def test_the_terminal_shows_the_answers_and_the_figures() -> None:
    out = Console(record=True, width=250, file=StringIO())
    record.show(out, entry())
    shown = out.export_text()
    assert shown.count("the order stays") == len(CONDITIONS) - 1
    assert "each of 100,000 logins once: tokens, none" in shown
