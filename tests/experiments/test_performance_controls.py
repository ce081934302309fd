"""What stops a timing from deciding: nulls that differ, a planted delay that is lost, loud blocks."""

from dataclasses import replace

import pytest

from authcompare.experiments.claim import BlockValue
from authcompare.experiments.claims.performance import Performance
from authcompare.experiments.costs import controls
from authcompare.experiments.costs.timed_arms import DELAYED_ARM
from authcompare.experiments.verdict import Kind
from tests.experiments.canned import timed
from tests.experiments.test_performance_judge import CHECKED, PLANTED, SESSIONS


def test_where_loud_blocks_decide_it_takes_a_quiet_machine_and_no_more_blocks() -> None:
    samples = timed({**dict.fromkeys(SESSIONS, 0.5), **dict.fromkeys(CHECKED, 0.5), **PLANTED}, flagged=True)
    verdict = Performance().judge(samples)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.needs == "a quiet machine; there were blocks enough"


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
