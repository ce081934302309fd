"""Benchmarks: goals are judged by the worse end of the interval; set-ups from the shelf do what they say."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from authcompare.experiments.bench import record, stock
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
    assert found.reached


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


def test_a_machine_that_was_not_quiet_is_said() -> None:
    assert "not quiet" in stock.judge(timed({**THEIRS, **OURS}), loud=0.5).doubts[0]


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
