"""From block values to a verdict; noise must become INCONCLUSIVE and never an opinion."""

from dataclasses import replace

import pytest

from authcompare.experiments.claims.performance import ARMS, DELAYED_ARM, Performance
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import timed

SESSIONS = {"sessions, database", "sessions, database, again", "sessions, database, twin", "sessions, cached"}
CHECKED = {"tokens, database", "tokens, denylist"}
UNCHECKED = {"tokens, none"}
PLANTED = {DELAYED_ARM: 0.2}


def judged(sessions: float, checked: float, unchecked: float, noise: float = 0.02) -> Verdict:
    added = {
        **dict.fromkeys(SESSIONS, sessions),
        **dict.fromkeys(CHECKED, checked),
        **dict.fromkeys(UNCHECKED, unchecked),
        **PLANTED,
    }
    return Performance().judge(timed(added, noise))


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
    verdict = judged(0.5, 0.5, 0.1)
    assert "save more than 0.2 ms where they are remembered and not looked up" in verdict.rule
    assert (
        "; not where they are looked up in Redis, as the session is, nor where they are looked"
        in verdict.rule
    )
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C43": Kind.DEPENDS,
        "C44": Kind.DEPENDS,
    }
    assert set(verdict.decisions) == set(Performance.decides)


def test_a_difference_at_the_threshold_is_inconclusive_and_says_what_it_takes() -> None:
    verdict = judged(0.5, 0.3, 0.3, noise=0.05)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.needs.endswith("blocks")


def test_noise_is_inconclusive() -> None:
    assert judged(0.5, 0.5, 0.1, noise=0.9).kind is Kind.INCONCLUSIVE


def test_a_planted_delay_that_is_not_found_stops_every_timing() -> None:
    samples = timed({**dict.fromkeys(SESSIONS, 0.5), DELAYED_ARM: 0.05})
    verdict = Performance().judge(samples)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert "planted delay of 0.20 ms was measured as 0.05" in verdict.because


def test_two_processes_that_differ_without_reason_stop_every_timing() -> None:
    samples = timed({**dict.fromkeys(SESSIONS, 0.5), "sessions, database, twin": 0.8, **PLANTED})
    assert "Nothing differs between the same arm in two processes" in Performance().judge(samples).because


def test_the_same_extra_on_both_sides_changes_no_contrast() -> None:
    plain, shifted = judged(0.5, 0.5, 0.1), judged(0.8, 0.8, 0.4)
    assert (plain.kind, shifted.kind) == (Kind.DEPENDS, Kind.DEPENDS)


def test_loud_blocks_that_decide_make_it_inconclusive() -> None:
    added = {**dict.fromkeys(SESSIONS, 0.5), **dict.fromkeys(CHECKED, 0.5), **PLANTED}
    samples = timed(added)
    samples["tokens, none"] = [
        replace(value, ms=value.ms + (0.0 if value.block < 4 else 0.45)) for value in samples["tokens, none"]
    ]
    loud = {
        name: [replace(value, flagged=value.block < 4) for value in values]
        for name, values in samples.items()
    }
    verdict = Performance().judge(loud)
    assert verdict.decisions["C44"].kind is not Kind.HOLDS


def test_a_missing_arm_is_broken() -> None:
    samples = timed(PLANTED)
    del samples["tokens, none"]
    assert Performance().judge(samples).because == "Not measured: tokens, none."


def test_precision_decides_about_more_blocks_and_not_the_verdict() -> None:
    assert Performance().precise_enough(timed(PLANTED))
    assert not Performance().precise_enough(timed(PLANTED, noise=0.9))


def test_every_process_is_asked_equally_often_and_carries_its_own_open_view() -> None:
    by_process: dict[str, list[str]] = {}
    for where, client, *_ in ARMS.values():
        by_process.setdefault(where, []).append(client)
    assert {len(clients) for clients in by_process.values()} == {4}
    assert all("open" in clients for clients in by_process.values())
