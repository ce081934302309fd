"""From block values to a verdict; noise must become INCONCLUSIVE and never an opinion."""

import re
from dataclasses import replace

import pytest

from authcompare.experiments.claim import BlockValue
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
    yes, no = judged(0.5, 0.5, 0.1).rule.split("; not where they are ")
    weighed = r"\(([+-]\d\.\d\d) ms, \S+ to \S+, \S+% of the open request; from 0\.(\d\d) ms on it counts\)"
    assert yes.startswith("Tokens save time where they are remembered and not looked up")
    assert re.findall(weighed, yes) == [("-0.40", "08")]
    assert no.startswith("looked up in Redis, as the session is (")
    assert ", nor where they are looked up in the database, as the session is (" in no
    assert [limit for _, limit in re.findall(weighed, no)] == ["20", "20"]


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


def test_where_loud_blocks_decide_it_takes_a_quiet_machine_and_no_more_blocks() -> None:
    samples = timed({**dict.fromkeys(SESSIONS, 0.5), **dict.fromkeys(CHECKED, 0.5), **PLANTED}, flagged=True)
    verdict = Performance().judge(samples)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.needs == "a quiet machine; there were blocks enough"


def test_noise_is_inconclusive() -> None:
    assert judged(0.5, 0.5, 0.1, noise=0.9).kind is Kind.INCONCLUSIVE


@pytest.mark.parametrize("measured", [0.05, 0.3])
def test_a_planted_delay_that_is_not_found_stops_every_timing(measured: float) -> None:
    samples = timed({**dict.fromkeys(SESSIONS, 0.5), DELAYED_ARM: measured})
    verdict = Performance().judge(samples)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert f"planted delay of 0.20 ms was measured as {measured:.2f}" in verdict.because


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ("sessions, database, again", "the same arm twice, in one process"),
        ("open, row, again", "the open view twice, in one process"),
        ("sessions, database, in another process", "the same arm in two processes,"),
        ("sessions, database, twin", "the same arm in two processes with the same settings"),
    ],
)
def test_what_cannot_differ_and_does_stops_every_timing(arm: str, said: str) -> None:
    samples = timed({**dict.fromkeys(SESSIONS, 0.5), **PLANTED, arm: 0.8})
    assert f"Nothing differs between {said}" in Performance().judge(samples).because


def test_a_planted_delay_that_is_only_touched_by_a_wide_interval_is_not_found() -> None:
    samples = timed({**dict.fromkeys(SESSIONS, 0.5), **PLANTED})
    samples[DELAYED_ARM] = [
        replace(value, ms=value.ms + (0.5 if value.launch % 2 else -0.4)) for value in samples[DELAYED_ARM]
    ]
    assert controls.planted(samples).low < 0.24 < controls.planted(samples).high
    assert "planted delay" in controls.fault(samples)


def test_more_blocks_do_not_help_where_nothing_surely_differs() -> None:
    shifted = timed({**dict.fromkeys(SESSIONS, 0.5), **PLANTED, "sessions, database, again": 0.8})
    assert Performance().judge(shifted).needs == "a quiet machine; more blocks do not help"


@pytest.mark.parametrize(
    ("saved", "null", "kind"),
    [
        (0.40, 0.04, Kind.DEPENDS),
        (0.40, 0.09, Kind.DEPENDS),
        (0.14, 0.01, Kind.DEPENDS),
        (0.14, 0.09, Kind.INCONCLUSIVE),
    ],
)
def test_what_decides_at_the_smaller_threshold_is_more_than_the_nulls_explain(
    saved: float, null: float, kind: Kind
) -> None:
    costs = {**dict.fromkeys(SESSIONS, 0.5), **dict.fromkeys(CHECKED, 0.5), **PLANTED}
    samples = timed({**costs, "tokens, none": 0.5 - saved, "open, row, again": null})
    assert controls.fault(samples) == ""
    assert Performance().judge(samples).kind is kind


def test_the_same_extra_on_both_sides_changes_no_contrast() -> None:
    plain, shifted = judged(0.5, 0.5, 0.1), judged(0.8, 0.8, 0.4)
    assert (plain.kind, shifted.kind) == (Kind.DEPENDS, Kind.DEPENDS)


def test_loud_blocks_that_decide_make_it_inconclusive() -> None:
    samples = timed({**dict.fromkeys(SESSIONS, 0.5), **dict.fromkeys(CHECKED, 0.5), **PLANTED})
    samples["tokens, none"] = [
        replace(value, ms=value.ms + (0.0 if value.block < 4 else 0.45)) for value in samples["tokens, none"]
    ]
    loud = {
        name: [replace(value, flagged=value.block < 4) for value in values]
        for name, values in samples.items()
    }
    assert Performance().judge(loud).decisions["C44"].kind is not Kind.HOLDS


def on_a_loud_machine(quiet: int) -> dict[str, list[BlockValue]]:
    """So many of ten blocks of each launch were quiet; the others say the same."""
    costs = {**dict.fromkeys(SESSIONS, 0.5), **dict.fromkeys(CHECKED, 0.5), "tokens, none": 0.1, **PLANTED}
    return {
        name: [replace(value, flagged=value.block >= quiet) for value in values]
        for name, values in timed(costs).items()
    }


def test_loud_blocks_that_agree_with_the_quiet_ones_turn_nothing_and_both_are_told() -> None:
    verdict = Performance().judge(on_a_loud_machine(quiet=2))
    assert verdict.kind is Kind.DEPENDS
    notes = [figure.note for figure in verdict.figures if figure.name.startswith("difference")]
    assert all("without flagged blocks" in note for note in notes)
    assert "48 blocks are flagged" in verdict.doubts[-1]


def test_a_machine_that_was_never_quiet_decides_nothing() -> None:
    assert Performance().judge(on_a_loud_machine(quiet=0)).kind is Kind.INCONCLUSIVE


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
    unequal = notes["difference: remembered and not looked up, and so not ended before they expire"]
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
