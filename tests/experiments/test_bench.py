"""Benchmarks: goals are judged by the worse end of the interval; set-ups from the shelf do what they say."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments.bench import paired, record, stock
from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.bench.shelf import STOCK, Shelf
from authcompare.experiments.claim import BlockValue
from authcompare.experiments.estimates import Estimate
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Figure

RUN = {"started": "2026-11-25T00:00:00", "quick": False, "seed": 1, "command": "compare", "environment": {}}
THEIRS = dict.fromkeys((one.name for one in STOCK), 1.0)
OURS = dict.fromkeys(stock.OURS, 0.2)


def timed(added: Mapping[str, float]) -> dict[str, list[BlockValue]]:
    """Block values in which each arm costs what is added to a base of 0.8 ms."""
    source, samples = random.Random(1), {}
    names = {*added, *stock.BASES.values(), *(f"{one.name}{stock.AGAIN}" for one in STOCK)}
    for name in sorted(names):
        cost = 0.8 + added.get(name.removesuffix(stock.AGAIN), 0.0)
        samples[name] = [
            BlockValue(launch, block, cost + source.gauss(0, 0.01), False)
            for launch in range(6)
            for block in range(8)
        ]
    return samples


def told(goal: Goal, text: str = "") -> str:
    """The README's table of this goal; `text` is what a file of before has in place of the figure's."""
    machine = {"cpu": "a cpu", "cores": 2, "commit": "a" * 40, "dirty": True}
    entry = record.entry(Bench("Speed", (goal,)), {**RUN, "environment": machine}, 1.0)
    if text:
        entry["goals"][0]["figure"]["text"] = text
    return record.tables({"benches": {"stock": entry}})


def words(bench: Bench) -> dict[str, str]:
    return {goal.name: goal.word for goal in bench.goals}


def test_all_goals_are_reached_where_ours_adds_a_fifth() -> None:
    found = stock.judge(timed({**THEIRS, **OURS}))
    assert set(words(found).values()) == {"reached"}


@pytest.mark.parametrize("ours", ["sessions, cached", "tokens, none"])
def test_a_goal_is_missed_where_ours_adds_as_much(ours: str) -> None:
    found = stock.judge(timed({**THEIRS, **OURS, ours: 1.0}))
    missed = [name for name, word in words(found).items() if word == "missed"]
    assert missed == [f"{ours} / {theirs}" for one, theirs, _ in stock.GOALS if one == ours]


def test_every_cost_is_shown_with_what_it_buys() -> None:
    notes = {figure.name: figure.note for figure in stock.judge(timed({**THEIRS, **OURS})).figures}
    assert all(notes[name] for name in (*stock.OURS, *(one.name for one in STOCK)))


@pytest.mark.parametrize(("high", "word"), [(0.29, "reached"), (0.31, "not decided")])
def test_the_worse_end_of_the_interval_decides(high: float, word: str) -> None:
    assert Goal.of("ratio", Estimate(0.25, 0.2, high, 6, 60), "", 0.30).word == word


def test_that_rights_are_seen_later_than_by_what_it_is_compared_with_is_said() -> None:
    assert stock.judge(timed({**THEIRS, **OURS})).doubts == (
        "Changed rights: sessions, cached sees them within 60 s, Django cached_db at once.",
        "Changed rights: tokens, denylist sees them within 300 s, SimpleJWT JWTAuthentication at once.",
    )


def flagged(samples: Mapping[str, list[BlockValue]], every: int) -> dict[str, list[BlockValue]]:
    """The same where the machine was not quiet in every second block, or in every one."""
    return {
        name: [replace(one, flagged=not one.block % every) for one in values]
        for name, values in samples.items()
    }


def test_a_machine_that_was_not_quiet_is_said_and_turns_nothing_by_itself() -> None:
    found = stock.judge(flagged(timed({**THEIRS, **OURS}), every=2))
    assert "The machine was not quiet: 50% of the blocks are flagged." in found.doubts[-1]
    assert set(words(found).values()) == {"reached"}
    assert all(goal.figure.note.startswith("without flagged blocks 0.") for goal in found.goals)


@pytest.mark.parametrize(
    ("in_loud_blocks", "in_the_other", "word"),
    [(0.2, 0.2, "reached"), (0.2, 0.9, "not decided"), (0.9, 0.2, "not decided"), (0.9, 0.9, "missed")],
)
def test_loud_blocks_alone_decide_no_goal(in_loud_blocks: float, in_the_other: float, word: str) -> None:
    places = [(launch, block) for launch in range(3) for block in range(4)]
    noisy = {(launch, block) for launch, block in places if block < 3}
    ours = {place: in_loud_blocks if place in noisy else in_the_other for place in places}
    assert paired.goal("ratio", ours, dict.fromkeys(places, 1.0), noisy, 0.3).word == word


def test_a_run_without_quiet_blocks_decides_nothing() -> None:
    found = stock.judge(flagged(timed({**THEIRS, **OURS}), every=1))
    assert set(words(found).values()) == {"not decided"}


def test_nothing_is_decided_against_a_set_up_that_differs_from_itself() -> None:
    samples = timed({**THEIRS, **OURS})
    again = f"Django db{stock.AGAIN}"
    samples[again] = [replace(one, ms=one.ms + 0.15) for one in samples[again]]
    found = stock.judge(samples)
    assert {name for name, word in words(found).items() if word == "not decided"} == {
        "sessions, database / Django db"
    }
    assert found.doubts[-1].startswith("Django db differs from itself by +0.15 ms")


def test_a_launch_in_which_nothing_was_added_has_no_ratio_and_loses_no_other_goal() -> None:
    found = words(stock.judge(timed({**THEIRS, **OURS, "tokens, none": -0.1})))
    assert {name for name, word in found.items() if word == "not decided"} == {
        "tokens, none / SimpleJWT JWTStatelessUserAuthentication"
    }


def test_the_readme_says_what_the_file_says() -> None:
    text = told(Goal("ours / theirs", Figure("f", 0.25, "", 6, 0.2, 0.29), 0.3))
    assert "| ours / theirs | 0.250 (0.200 to 0.290) | 6 | ≤ 0.300 | **reached** |" in text
    assert "Measured 2026-11-25 at commit aaaaaaaaaa with changes, on a cpu, 2 cores, by `" in text


def test_a_count_without_observations_has_no_n() -> None:
    assert "| lost | 0 | - | ≤ 0 | **reached** |" in told(Goal("lost", Figure("f", 0, "", 0), 0))


def test_an_interval_without_width_that_an_older_file_has_in_words_is_a_plain_figure() -> None:
    text = told(Goal("wrk", Figure("f", 0.045, "", 6, 0.045, 0.045), 0.15), "0.045 (0.045 to 0.045)")
    assert "| wrk | 0.045 | 6 | ≤ 0.150 | **reached** |" in text


@pytest.fixture(scope="module")
def standing(fleet: Fleet) -> Any:
    shelf = Shelf(fleet)
    with shelf.prepared(), shelf.served() as served:
        yield {one.stock.module: one for one in served}


@pytest.mark.parametrize("module", [one.module for one in STOCK])
def test_a_set_up_from_the_shelf_knows_alice_and_has_an_open_view_beside(standing: Any, module: str) -> None:
    served = standing[module]
    answers = [Connection(served.door).send(served.request(path)) for path in ("/me/", "/open/me/")]
    assert [answer.status for answer in answers] == [200, 200]
    assert {answer.json["username"] for answer in answers} == {"alice"}
