"""From block values to a verdict; noise must become INCONCLUSIVE and never an opinion."""

import re

import pytest

from authcompare.experiments.claims.performance import PRIMARY, Performance
from authcompare.experiments.costs import controls
from authcompare.experiments.costs.timed_arms import ARMS, DELAYED_ARM
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import timed

SESSIONS = {name for name, arm in ARMS.items() if arm.client == "session" and arm.shows == "same"}
CHECKED = {"tokens, database", "tokens, denylist"}
UNCHECKED = {"tokens, none"}
PLANTED = {DELAYED_ARM: 0.2}


def judged(sessions: float, checked: float, unchecked: float, noise: float = 0.02) -> Verdict:
    extra = {
        **dict.fromkeys(SESSIONS, sessions),
        **dict.fromkeys(CHECKED, checked),
        **dict.fromkeys(UNCHECKED, unchecked),
        **PLANTED,
    }
    return Performance().judge(timed(extra, noise))


@pytest.mark.parametrize(
    ("sessions", "checked", "unchecked", "kind"),
    [
        (1.0, 0.5, 0.1, Kind.HOLDS),
        (0.3, 0.3, 0.3, Kind.REFUTED),
        (0.3, 0.8, 0.7, Kind.REFUTED),
        (0.5, 0.5, 0.1, Kind.DEPENDS),
    ],
)
def test_each_verdict_can_be_reached(sessions: float, checked: float, unchecked: float, kind: Kind) -> None:
    assert judged(sessions, checked, unchecked).kind is kind


def test_depending_states_both_branches_with_numbers() -> None:
    rule = judged(0.5, 0.5, 0.1).rule.partition(" Beside ")[0]
    yes, no = rule.split("; none, or too little to count, where they are ")
    weighed = r"\(([+-]\d\.\d\d) ms, \S+% of the open request; 0\.(\d\d) ms counts\)"
    assert yes.startswith("Tokens save time where they are remembered and not looked up")
    assert re.findall(weighed, yes) == [("-0.40", "08")]
    assert no.startswith("looked up in Redis, as the session is (")
    assert ", or looked up in the database, as the session is (" in no
    assert [limit for _, limit in re.findall(weighed, no)] == ["20", "20"]


def test_less_favourable_opponents_are_told_and_decide_nothing() -> None:
    costs = {**dict.fromkeys(SESSIONS, 0.5), **dict.fromkeys(CHECKED, 0.5), **PLANTED, "tokens, none": 0.1}
    dear = {"tokens, none, first sight": 0.3, "tokens, denylist, first sight": 0.9}
    verdict = Performance().judge(timed({**costs, **dear, "sessions, database, PostgreSQL": 1.5}))
    beside = verdict.rule.partition(" Beside ")[2]
    assert re.fullmatch(
        r"a session in the database, what is not looked up: faster \(-0\.[12]\d to -1\.[34]\d ms\)\. "
        r"Beside a warm copy in Redis, at first sight: not looked up, faster \(-0\.[12]\d ms, -\d+% of the "
        r"open request; 0\.0\d ms counts\); looked up in Redis, slower \(\+0\.[34]\d ms, \+\d+% of the open "
        r"request; 0\.20 ms counts\)\.",
        beside,
    )
    assert {one.because for one in verdict.decisions.values()} == {verdict.rule}
    assert beside not in verdict.because
    assert " Beside a session in the database, what is not looked up: " in judged(0.3, 0.3, 0.3).because
    figures = {figure.name: figure.value for figure in verdict.figures}
    assert figures["difference: at first sight, against one in PostgreSQL"] == pytest.approx(-1.2, abs=0.05)


def test_a_pair_that_is_not_decided_is_told_as_that() -> None:
    sessions = dict.fromkeys(SESSIONS, 0.5)
    checked = {"tokens, denylist": 0.3, "tokens, database": 0.5}
    verdict = Performance().judge(timed({**sessions, **checked, **dict.fromkeys(UNCHECKED, 0.1), **PLANTED}))
    assert verdict.kind is Kind.DEPENDS
    assert " Not decided where they are looked up in Redis, as the session is (" in verdict.rule


def test_it_is_told_what_one_threshold_for_all_pairs_would_say() -> None:
    assert (
        "With one threshold for all three, this row would say REFUTED at 0.20 ms and DEPENDS at a tenth of "
        "the open request, 0.08 ms."
    ) in judged(0.5, 0.5, 0.36).doubts


def test_the_common_claims_come_to_the_same_kind() -> None:
    verdict = judged(0.5, 0.5, 0.1)
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C43": Kind.DEPENDS,
        "C44": Kind.DEPENDS,
    }
    assert set(verdict.decisions) == set(Performance.decides)


def test_a_difference_at_the_threshold_is_inconclusive_and_says_what_it_takes() -> None:
    verdict = judged(0.5, 0.3, 0.3, noise=0.05)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert re.fullmatch(r"\d+ blocks in \d+ launches, on a quiet machine", verdict.needs)


def test_noise_is_inconclusive() -> None:
    assert judged(0.5, 0.5, 0.1, noise=0.9).kind is Kind.INCONCLUSIVE


def test_the_same_extra_on_both_sides_changes_no_contrast() -> None:
    plain, shifted = judged(0.5, 0.5, 0.1), judged(0.8, 0.8, 0.4)
    assert (plain.kind, shifted.kind) == (Kind.DEPENDS, Kind.DEPENDS)


def test_a_missing_arm_is_broken() -> None:
    samples = timed(PLANTED)
    del samples["tokens, none"]
    assert Performance().judge(samples).because == "Not measured: tokens, none."


def test_a_quick_run_is_judged_without_what_only_a_full_one_measures() -> None:
    samples = {name: values for name, values in timed(PLANTED).items() if not ARMS[name].full}
    assert Performance().judge(samples).kind is Kind.REFUTED
    assert {arm.name for arm in Performance().arms(quick=True)} == set(samples)


def test_unequal_guarantees_are_told_beside_the_difference() -> None:
    notes = {figure.name: figure.note for figure in judged(0.5, 0.5, 0.1).figures}
    unequal = notes[f"difference: {list(PRIMARY)[2]}"]
    assert (
        "weaker guarantees: logout within 300 s, not at once; deactivation within 300 s, not at once"
        in unequal
    )
    assert "equal guarantees" in notes["difference: looked up in the database, as the session is"]


def test_there_are_exactly_four_primary_contrasts() -> None:
    assert list(PRIMARY.values()) == [
        ("tokens, denylist", "sessions, cached"),
        ("tokens, database", "sessions, database"),
        ("tokens, none", "sessions, cached"),
        ("tokens, none, HS256, first sight", "tokens, none, first sight"),
    ]
    assert controls.PRIMARY_CONFIDENCE == 0.9875


def test_precision_decides_about_more_blocks_and_not_the_verdict() -> None:
    assert Performance().precise_enough(timed(PLANTED))
    assert not Performance().precise_enough(timed(PLANTED, noise=0.9))


def test_processes_that_are_compared_are_asked_about_equally_often() -> None:
    for quick in (True, False):
        asked: dict[str, int] = {}
        for arm in Performance().arms(quick):
            asked[arm.deployment.name] = asked.get(arm.deployment.name, 0) + 1
        assert max(asked.values()) - min(asked.values()) <= (1 if quick else 2)
        for first, second in PRIMARY.values():
            assert asked[ARMS[first].process] == asked[ARMS[second].process]


def test_every_process_carries_its_own_open_view() -> None:
    assert {f"open, {arm.process}" for arm in ARMS.values()} <= ARMS.keys()
