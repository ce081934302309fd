"""What strangers and storms cost: the judges, on canned values that must give each word."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments.bench import garbage, million, storm, workers
from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.claim import BlockValue
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.live.weighing import LOGIN_TABLES


def words(bench: Bench) -> set[str]:
    return {goal.word for goal in bench.goals}


def values(ms: float) -> list[BlockValue]:
    return [
        BlockValue(launch, block, ms + 0.01 * (block % 3), False) for launch in range(4) for block in range(6)
    ]


def samples(unknown_cookie: float) -> dict[str, list[BlockValue]]:
    good = {f"database: {scheme}, good": values(1.5) for scheme in ("sessions", "tokens")}
    bad = {
        "database: sessions, an unknown cookie": values(unknown_cookie),
        "database: tokens, bad": values(1.0),
    }
    return {"database: open": values(0.8), **good, **bad}


def test_refusals_that_cost_less_than_answers_reach_the_goal() -> None:
    assert words(garbage.judge(samples(1.2))) == {"reached"}


def test_a_refusal_that_costs_more_than_an_answer_misses_it() -> None:
    found = garbage.judge(samples(1.8))
    assert {goal.name: goal.word for goal in found.goals} == {
        "database: sessions, an unknown cookie": "missed",
        "database: tokens, bad": "reached",
    }


def test_refusals_on_a_machine_that_was_never_quiet_are_not_decided_and_it_is_said() -> None:
    noisy = {name: [replace(one, flagged=True) for one in some] for name, some in samples(1.2).items()}
    found = garbage.judge(noisy)
    assert {goal.word for goal in found.goals} == {"not decided"}
    assert found.doubts[0].startswith("The machine was not quiet: 100% of the blocks are flagged.")


def heard(ms: float, logins: Counter[int]) -> dict[str, storm.Heard]:
    quiet = [1.0 + number / 1000 for number in range(1000)]
    return {"cached": storm.Heard(quiet, [ms * one for one in quiet], logins)}


@pytest.mark.parametrize(("times", "word"), [(4.0, "reached"), (5.0, "not decided"), (6.0, "missed")])
def test_a_storm_is_judged_by_the_95th_percentile(times: float, word: str) -> None:
    found = storm.judge(heard(times, Counter({200: 5, 401: 5, 503: 90})))
    assert [goal.word for goal in found.goals] == [word]


@pytest.mark.parametrize("logins", [Counter({503: 100}), Counter({200: 100}), Counter[int]()])
def test_a_storm_that_checked_no_password_is_none(logins: Counter[int]) -> None:
    with pytest.raises(Broken, match="was none"):
        storm.judge(heard(1.0, logins))


def took(**slow: float) -> million.Took:
    """Four milliseconds each, but for what is named."""
    acts = ("log in", "request", "end the others", "admin list", "admin list ?q=user777")
    sizes = (million.FEW, million.MANY)
    found = {(scheme, act, rows): [4.0] * 6 for scheme in LOGIN_TABLES for act in acts for rows in sizes}
    for act, ms in slow.items():
        found["session", act.replace("_", " "), million.MANY] = [ms] * 6
    return found


def test_a_million_that_costs_what_ten_thousand_cost_reaches_every_goal() -> None:
    assert words(million.judge(took(), [20.0], {"session": 900.0})) == {"reached"}


@pytest.mark.parametrize(
    ("slow", "missed"),
    [
        ({"end_the_others": 9.0}, "session: end 9 logins of one user among 1,000,000 / among 10,000"),
        ({"log_in": 6.0}, "session: log in among 1,000,000 / among 10,000"),
        ({"admin_list": 301.0}, "session: slowest of 2 pages of the admin's list: admin list"),
    ],
)
def test_what_is_slow_among_a_million_misses_its_goal(slow: dict[str, float], missed: str) -> None:
    found = million.judge(took(**slow), [20.0], {})
    assert [goal.name for goal in found.goals if goal.word == "missed"] == [missed]


FLAT = "session: log in among 1,000,000 / among 10,000"


def logged_in(many: list[float], few: list[float]) -> Goal:
    times = took()
    times["session", "log in", million.MANY], times["session", "log in", million.FEW] = many, few
    return {goal.name: goal for goal in million.judge(times, [20.0], {}).goals}[FLAT]


def test_a_ratio_of_times_that_scatter_is_not_decided_by_its_value() -> None:
    goal = logged_in([2.0, 3.0, 4.0, 5.0, 6.0, 4.0], [6.0, 5.0, 4.0, 3.0, 2.0, 4.0])
    assert (goal.figure.value, goal.word) == (1.0, "not decided")


def test_what_slows_down_a_whole_round_is_in_no_ratio() -> None:
    goal = logged_in([2.0, 9.0, 4.0, 5.0, 6.0, 4.0], [2.0, 9.0, 4.0, 5.0, 6.0, 4.0])
    assert (goal.figure.n, goal.word) == (6, "reached")


def test_one_start_of_each_server_is_owned_up_to() -> None:
    assert "not what another start would" in million.judge(took(), [20.0], {}).doubts[0]


def test_one_request_that_waits_for_the_purge_misses_the_goal() -> None:
    found = million.judge(took(), [2.0] * 999 + [251.0], {})
    assert [goal.figure.value for goal in found.goals if goal.word == "missed"] == [251.0]


def felt(**more: Any) -> workers.Felt:
    return workers.Felt(
        **{"answers": Counter({200: 900, 0: 6}), "longest_ms": 90.0, "broke": [[1, 0], [2, 1]], **more}
    )


def test_what_a_killed_worker_was_about_to_say_or_had_not_read_yet_may_be_lost() -> None:
    assert words(workers.judge(felt())) == {"reached"}


@pytest.mark.parametrize(
    "more",
    [
        {"answers": Counter({200: 900, 502: 1})},
        {"answers": Counter({200: 900, 401: 1})},
        {"broke": [[1, 0], [0, 3]]},
        {"lost": 1},
        {"longest_ms": 251.0},
    ],
)
def test_anything_more_misses_one_goal(more: dict[str, Any]) -> None:
    assert [goal.word for goal in workers.judge(felt(**more)).goals].count("missed") == 1


def test_how_many_answers_and_how_many_people_nothing_was_seen_of_is_told() -> None:
    found = workers.judge(felt())
    seen = {goal.name: goal.figure.n for goal in found.goals}
    assert (seen["answers 4xx, seen"], seen["people logged out, seen"]) == (906, workers.PEOPLE)
    assert found.doubts[-1] == ("Where none of 906 answers was one of those, up to 0.330% may be, at 95 %.")


@pytest.mark.parametrize("more", [{"broke": []}, {"answers": Counter({0: 9})}])
def test_a_drill_without_kills_or_without_work_is_none(more: dict[str, Any]) -> None:
    with pytest.raises(Broken, match="Nobody worked"):
        workers.judge(felt(**more))


def test_workers_die_one_by_one_and_nobody_loses_more_than_two_answers_by_it(fleet: Fleet) -> None:
    found = workers.run(fleet, quick=True, seed=1, tell=lambda text: None)
    missed = {goal.name: goal.figure.value for goal in found.goals if goal.word != "reached"}
    missed.pop("wait, seen at most", None)  # a time is for the benchmark, not for a test
    assert missed == {}
