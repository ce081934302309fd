"""The curve is made of other claims' results: what they did not find must never become a point."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments.claim import BlockValue, Evidence
from authcompare.experiments.claims.trade_off import TradeOff
from authcompare.experiments.costs.comparison import Outcome as Word
from authcompare.experiments.costs.comparison import agreed
from authcompare.experiments.costs.pricing import savings
from authcompare.experiments.costs.timed_arms import ARMS, DELAYED_ARM
from authcompare.experiments.deployments.deployment import Broken, Skipped
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import A, ended, revoked, timed, watch

MEASURED = Verdict(Kind.HOLDS, "Measured.")
AT_ONCE = {name: 0.5 for name, arm in ARMS.items() if arm.guarantees and arm.guarantees.logout_seen == 0}
FIRST, REMEMBERED = "tokens, none, first sight", "tokens, none"
FIRST_HS256 = "tokens, none, HS256, first sight"


def costs(remembered: float, first: float, hs256: float | None = None) -> dict[str, list[BlockValue]]:
    firsts = {FIRST: first, FIRST_HS256: first if hs256 is None else hs256}
    return timed({**AT_ONCE, REMEMBERED: remembered, **firsts, DELAYED_ARM: 0.2})


def evidence(timing: Mapping[str, Sequence[Any]], ends: Mapping[str, Sequence[Any]]) -> dict[str, Evidence]:
    return {"performance": Evidence(MEASURED, timing), "revocation": Evidence(MEASURED, ends)}


def judged(timing: Mapping[str, Sequence[Any]], ends: Mapping[str, Sequence[Any]] | None = None) -> Verdict:
    claim = TradeOff()
    return claim.judge(claim.derive(evidence(timing, revoked() if ends is None else ends)))


@pytest.mark.parametrize(
    ("remembered", "first", "kind"),
    [
        (0.1, 0.1, Kind.HOLDS),
        (0.1, 0.5, Kind.DEPENDS),
        (0.5, 0.5, Kind.REFUTED),
        (0.45, 0.5, Kind.REFUTED),
    ],
)
def test_each_verdict_can_be_reached(remembered: float, first: float, kind: Kind) -> None:
    assert judged(costs(remembered, first)).kind is kind


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ({Word.SAME}, Word.SAME),
        ({Word.SAME, Word.NOT_FASTER, Word.SLOWER}, Word.NOT_FASTER),
        ({Word.FASTER, Word.NOT_SLOWER}, Word.NOT_SLOWER),
        ({Word.FASTER, Word.SLOWER}, Word.UNKNOWN),
        ({Word.NOT_SLOWER, Word.NOT_FASTER}, Word.UNKNOWN),
        ({Word.SAME, Word.UNKNOWN}, Word.UNKNOWN),
    ],
)
def test_words_that_differ_agree_on_what_both_exclude(words: set[Word], word: Word) -> None:
    assert agreed(words) is word


@pytest.mark.parametrize(("first", "word"), [(0.57, Word.NOT_FASTER), (0.43, Word.NOT_SLOWER)])
def test_what_nulls_could_move_over_the_threshold_is_still_not_on_the_other_side(
    first: float, word: Word
) -> None:
    samples = timed({**AT_ONCE, REMEMBERED: 0.1, FIRST: first, "open, row, again": 0.04})
    assert savings(samples)[1].outcome is word


def test_savings_that_are_not_decided_decide_nothing() -> None:
    claim = TradeOff()
    found = dict(claim.derive(evidence(costs(0.1, 0.5), revoked())))
    found["saved"] = [replace(one, outcome=Word.UNKNOWN) for one in found["saved"]]
    verdict = claim.judge(found)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.needs == "of performance: a quiet machine; there were blocks enough"


def test_every_store_and_check_mode_is_a_point_with_what_it_promises() -> None:
    points = {point.name: point for point in judged(costs(0.1, 0.5)).points}
    assert len(points) == 7
    assert points[REMEMBERED].ms == pytest.approx(0.1, abs=0.02)
    assert points[REMEMBERED].seconds == 300
    assert re.fullmatch(
        r"up to 300 s, the setting; with shorter lives it worked on for "
        r"\S+ s \(\S+ to \S+\) of each second that was left",
        points[REMEMBERED].seen,
    )
    assert points["sessions, cached"].seen.startswith("at most 0.1 s")
    assert points["tokens, denylist"].guarantees.startswith("notices logout at once")
    assert all(point.low < point.ms < point.high and point.seconds > 0 for point in points.values())


def test_a_slope_below_one_does_not_shorten_the_worst_case() -> None:
    brief = {
        name: [ended("logout", 3, left, watch(*[A] * 20, Outcome.REFUSED)) for left in (2.2, 2.1)]
        for name in ("tokens, none, 3 s", "tokens, none, 5 s")
    }
    points = {point.name: point for point in judged(costs(0.1, 0.5), {**revoked(), **brief}).points}
    assert points[REMEMBERED].seconds == 300


def test_every_branch_is_told_with_its_figures_and_what_the_common_claim_comes_to() -> None:
    verdict = judged(costs(0.1, 0.5, hs256=0.45))
    assert re.fullmatch(
        r"Giving up the end at once saves more than a tenth of a request for a remembered token: "
        r"-0\.40 ms \(\S+ to \S+\); less than that for a token at first sight with ES256: "
        r"\+0\.01 ms \(\S+ to \S+\) and a token at first sight with HS256: -0\.05 ms \(\S+ to \S+\)\.",
        verdict.rule,
    )
    assert verdict.decisions["C40"].kind is Kind.DEPENDS
    assert set(verdict.decisions) == set(TradeOff.decides)


def test_a_saving_that_is_not_decided_is_told_as_that() -> None:
    found = dict(TradeOff().derive(evidence(costs(0.1, 0.5), revoked())))
    *others, last = found["saved"]
    verdict = TradeOff().judge({**found, "saved": [*others, replace(last, outcome=Word.UNKNOWN)]})
    assert verdict.kind is Kind.DEPENDS
    assert " Not decided for a token at first sight with HS256: " in verdict.rule


def test_where_every_token_ends_at_once_nothing_is_given_up() -> None:
    ended_at_once = {name: [ended("logout", promised=300)] for name in revoked() if "tokens, none" in name}
    verdict = judged(costs(0.1, 0.5), {**revoked(), **ended_at_once})
    assert verdict.kind is Kind.REFUTED
    assert verdict.decisions["C40"].kind is Kind.REFUTED


def test_the_store_s_share_is_told_from_processor_time() -> None:
    figures = {figure.name: figure.value for figure in judged(costs(0.1, 0.5)).figures}
    assert figures["cores of servers that one core of Redis feeds: sessions, cached"] == pytest.approx(40)


def test_two_costs_that_were_swapped_turn_it() -> None:
    samples = costs(0.1, 0.1)
    swapped = {**samples, REMEMBERED: samples["sessions, cached"], "sessions, cached": samples[REMEMBERED]}
    assert judged(samples).kind is Kind.HOLDS
    assert judged(swapped).kind is Kind.REFUTED


def test_two_ends_that_were_swapped_are_a_promise_that_was_not_kept() -> None:
    ends = revoked()
    late = next(name for name in ends if name.startswith(REMEMBERED))
    swapped = {**ends, late: ends["tokens, denylist"], "tokens, denylist": ends[late]}
    verdict = judged(costs(0.1, 0.5), swapped)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.because.startswith("tokens, denylist promises to end at once")


def test_what_is_missing_is_broken_and_not_zero() -> None:
    samples = costs(0.1, 0.5)
    del samples["tokens, denylist"]
    with pytest.raises(Broken, match="What tokens, denylist costs was not measured"):
        judged(samples)
    ends = {name: several for name, several in revoked().items() if name != "sessions, cached"}
    with pytest.raises(Broken, match="When sessions, cached lets go of an ended login was not measured"):
        judged(costs(0.1, 0.5), ends)
    assert TradeOff().judge({}).kind is Kind.BROKEN


@pytest.mark.parametrize("name", TradeOff.needs)
def test_a_broken_or_skipped_input_is_passed_on(name: str) -> None:
    found = evidence(costs(0.1, 0.5), revoked())
    broken = Evidence(Verdict.broken("no server"), found[name].samples)
    with pytest.raises(Broken, match=f"{name} is broken, so nothing can be derived from it: no server"):
        TradeOff().derive({**found, name: broken})
    with pytest.raises(Skipped, match="Interrupted"):
        TradeOff().derive({**found, name: Evidence(Verdict.skipped("Interrupted"), {})})


def test_timings_that_failed_their_controls_decide_nothing_here_either() -> None:
    verdict = judged(timed({**AT_ONCE, DELAYED_ARM: 0.05}))
    assert verdict.kind is Kind.INCONCLUSIVE
    assert "planted delay" in verdict.because


def test_a_store_that_does_not_keep_its_promise_is_no_point_of_comparison() -> None:
    late = {"sessions, cached": [ended("logout", seen=watch(*[A] * 30))]}
    verdict = judged(costs(0.1, 0.5), {**revoked(), **late})
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.because.startswith(
        "sessions, cached promises to end at once; an ended login worked for more"
    )
    flapping = ended("logout", seen=watch(A, A, Outcome.REFUSED))
    point = next(
        one
        for one in judged(costs(0.1, 0.5), {**revoked(), "sessions, cached": [flapping]}).points
        if one.name == "sessions, cached"
    )
    assert point.seen == "0.2 s, against its promise"
