"""Parts of a request are differences of arms: they must add up, and decide only what they can."""

import re
from dataclasses import replace

import pytest

from authcompare.experiments.claim import Evidence
from authcompare.experiments.claims.where_time_goes import WhereTimeGoes
from authcompare.experiments.costs.components import (
    FRESH,
    KNOWN,
    OWN,
    REDIS,
    REST,
    ROW,
    SIGNATURE,
    USER,
    of,
    parts,
)
from authcompare.experiments.costs.timed_arms import ARMS, DELAYED_ARM
from authcompare.experiments.deployments.deployment import Broken, Skipped
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.canned import timed

MEASURED = Verdict(Kind.HOLDS, "Measured.")


def costs(redis: float, row: float) -> dict[str, float]:
    """Reading a token takes 0.1 ms, a session 0.2 ms; a user query 0.4 ms and a signature 0.3 ms more."""
    by_row = {
        name: 0.2 + row for name, arm in ARMS.items() if arm.client == "session" and arm.process != "es256"
    }
    return {
        **by_row,
        KNOWN: 0.1,
        FRESH: 0.4,
        "tokens, none, HS256, first sight": 0.2,
        "tokens, denylist": 0.1 + redis,
        "tokens, database": 0.1 + row,
        "sessions, cached": 0.2 + redis,
        "sessions, memory": 0.6,
        DELAYED_ARM: 0.2,
    }


def judged(redis: float, row: float) -> Verdict:
    return of_these(costs(redis, row))


def of_these(added: dict[str, float]) -> Verdict:
    claim = WhereTimeGoes()
    return claim.judge(claim.derive({"performance": Evidence(MEASURED, timed(added))}))


def test_a_request_is_taken_apart() -> None:
    found = parts(timed(costs(0.05, 0.6), noise=0.001))
    measured = {
        (FRESH, OWN): 0.1,
        (FRESH, SIGNATURE): 0.3,
        ("sessions, cached", OWN): 0.2,
        ("sessions, cached", REDIS): 0.05,
        ("sessions, database", ROW): 0.6,
        ("tokens, database", ROW): 0.6,
        ("sessions, memory", USER): 0.4,
        ("sessions, memory", REST): 0.8,
    }
    for (arm, part), expected in measured.items():
        assert of(found, part, arm).value == pytest.approx(expected, abs=0.03 if part == REST else 0.005)


def test_the_shares_of_a_request_add_up() -> None:
    found = parts(timed(costs(0.05, 0.6), noise=0.001))
    for arm in {one.arm for one in found}:
        assert sum(one.share for one in found if one.arm == arm) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("redis", "row", "kind"),
    [
        (0.5, 0.6, Kind.HOLDS),
        (0.05, 0.6, Kind.DEPENDS),
        (0.05, 0.03, Kind.REFUTED),
        (0.1, 0.6, Kind.INCONCLUSIVE),
    ],
)
def test_each_verdict_can_be_reached(redis: float, row: float, kind: Kind) -> None:
    verdict = judged(redis, row)
    assert verdict.kind is kind
    assert bool(verdict.rule) == (kind is Kind.DEPENDS)
    if verdict.rule:
        large, small = "in the database, user included", "in Redis on the clock"
        assert verdict.rule == f"The look-up is a large part {large}; not {small}."
    assert verdict.needs.endswith("blocks of Performance, on a quiet machine") == (kind is Kind.INCONCLUSIVE)
    assert "assumed that to look up a session's copy" in verdict.doubts[0]


SESSIONS = [name for name, arm in ARMS.items() if arm.client == "session"]
IN_REDIS = ["sessions, cached", "tokens, denylist", "tokens, denylist, first sight"]


@pytest.mark.parametrize(
    ("redis", "where", "kinds"),
    [
        (0.5, SESSIONS, [Kind.HOLDS, Kind.REFUTED]),  # reading the cookie takes three milliseconds longer
        (0.05, IN_REDIS, [Kind.DEPENDS, Kind.HOLDS]),  # and so does the look-up in Redis
        (0.05, list(ARMS), [Kind.DEPENDS, Kind.DEPENDS]),  # what every request takes is no part of a session
    ],
)
def test_a_planted_delay_turns_the_verdict_where_it_is_and_not_where_it_is_everywhere(
    redis: float, where: list[str], kinds: list[Kind]
) -> None:
    plain = costs(redis, 0.6)
    late = {name: plain.get(name, 0.0) + 3 for name in where}
    assert [of_these(plain).kind, of_these(plain | late).kind] == kinds


def test_the_look_up_s_share_of_what_is_added_is_told_with_its_interval() -> None:
    figures = {figure.name: figure for figure in judged(0.2, 0.6).figures}
    share = figures["look-up in Redis on the clock: share of what a session adds"]
    assert share.value == pytest.approx(50, abs=4)
    assert share.low is not None
    assert share.low < share.value
    assert share.note == "n is blocks, of 6 launches"
    words = r"the look-up is 49% \(\d+% to \d+%\) on the clock and \d+% \(\d+% to \d+%\) in processor time;"
    assert re.search(words, judged(0.2, 0.6).because)


def test_a_look_up_that_is_mostly_waited_for_is_not_called_large() -> None:
    samples = {
        arm: [replace(one, cpu=(0.05, 0.0, 0.0)) for one in several] if arm == "tokens, denylist" else several
        for arm, several in timed(costs(0.5, 0.6)).items()
    }
    claim = WhereTimeGoes()
    verdict = claim.judge(claim.derive({"performance": Evidence(MEASURED, samples)}))
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.needs == "to know what of the look-up in Redis is only waiting"


def test_processor_time_far_stores_and_bare_cryptography_are_told() -> None:
    figures = {figure.name: figure for figure in judged(0.05, 0.6).figures}
    server = figures["sessions, database: processor time, server"]
    assert server.value == pytest.approx(0.8 * 0.8, abs=0.05)
    assert figures["sessions, database: processor time, redis"].value > 0
    away = figures["sessions, cached: added with the store 2.0 ms away"]
    assert away.value == pytest.approx(0.25 + 2, abs=0.05)
    assert away.note == "derived, not measured: 1 round trip a request"
    row = figures["sessions, database: added with the store 2.0 ms away"]
    assert row.note == "derived, not measured: 2 round trips a request"
    assert figures["HS256: bare signature check"].value < figures["ES256: bare signature check"].value


def test_timings_that_failed_their_controls_decide_nothing() -> None:
    samples = timed({**costs(0.05, 0.6), DELAYED_ARM: 0.6})
    verdict = WhereTimeGoes().judge(WhereTimeGoes().derive({"performance": Evidence(MEASURED, samples)}))
    assert verdict.kind is Kind.INCONCLUSIVE
    assert "planted delay" in verdict.because


def test_nothing_is_made_of_what_was_not_measured() -> None:
    samples = timed(costs(0.05, 0.6))
    del samples["sessions, memory"]
    with pytest.raises(Broken, match="Not measured: sessions, memory"):
        WhereTimeGoes().derive({"performance": Evidence(MEASURED, samples)})
    with pytest.raises(Broken, match="performance is broken"):
        WhereTimeGoes().derive({"performance": Evidence(Verdict.broken("no server"), {})})
    with pytest.raises(Skipped, match="performance was skipped"):
        WhereTimeGoes().derive({"performance": Evidence(Verdict.skipped("no time"), {})})
    assert WhereTimeGoes().judge({}).kind is Kind.BROKEN
