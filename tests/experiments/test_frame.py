"""The frame with claims and servers that are not there: what one claim does must not touch the next."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments import runs
from authcompare.experiments.claim import Arm, Derived, Evidence
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site, Skipped
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.frame import NEEDS_ITS_OWN, Frame, deployments_of
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.lookalikes import lookalike
from tests.experiments.pretended import ONE, Does, FakeFleet, Fine, Silent


class OneArmBreaks(Fine):
    """One arm breaks while the other waits for longer than anybody wants."""

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[int]:
        if arm.name == "b":
            raise Broken("no login")
        site.wait(60)
        return [1]


class JudgeFails(Fine):
    """A judge with a fault."""

    def judge(self, samples: Mapping[str, Sequence[int]]) -> Verdict:
        raise IndexError("out of range")


class JudgesSlowly(Fine):
    """Somebody asks for the end while it is judged."""

    asked = 0

    def judge(self, samples: Mapping[str, Sequence[int]]) -> Verdict:
        self.asked += 1
        if self.asked == 1:
            raise KeyboardInterrupt
        return super().judge(samples)


class NoBrowser(Fine):
    """Something is missing, which only one arm notices."""

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[int]:
        raise Skipped("There is no browser.")


class NoArms(Fine):
    """Something is missing before anything has been started."""

    def arms(self, quick: bool) -> list[Arm]:
        raise Skipped("There is no PostgreSQL.")


class Waits(Fine):
    """Longer than anybody wants."""

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[int]:
        site.wait(60)
        return []


class FromOthers(Derived[str]):
    """What another one said."""

    row = "From others"
    decides = ()
    needs = ("pretended",)

    def arms(self, quick: bool) -> list[Arm]:
        return []

    def derive(self, evidence: Mapping[str, Evidence]) -> Mapping[str, Sequence[str]]:
        return {"it": [evidence["pretended"].verdict.because]}

    def judge(self, samples: Mapping[str, Sequence[str]]) -> Verdict:
        return Verdict(Kind.HOLDS, samples["it"][0])


@pytest.fixture(autouse=True)
def no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "versions", lambda door: {})


@pytest.fixture
def frame() -> Frame:
    fleet: Any = FakeFleet()
    return Frame(fleet, quick=True, seed=1, progress=Silent())


def test_every_arm_is_visited_on_its_own_deployment(frame: Frame) -> None:
    finished = frame.run(Fine())
    assert finished.verdict.because == "{'a': [3], 'b': [5]}"
    assert [line.note for line in finished.transcript.lines] == ["a: asks", "b: asks"]


def test_a_broken_arm_breaks_its_claim_at_once_and_no_other(frame: Frame) -> None:
    began = time.monotonic()
    verdict = frame.run(OneArmBreaks()).verdict
    assert time.monotonic() - began < 5
    assert (verdict.kind, verdict.because) == (Kind.BROKEN, "b: no login")
    assert frame.run(Fine()).verdict.kind is Kind.HOLDS
    assert not frame.interrupted


def test_a_judge_with_a_fault_is_broken(frame: Frame) -> None:
    assert frame.run(JudgeFails()).verdict.because == "IndexError: out of range"


def test_what_is_missing_is_said_and_skipped(frame: Frame) -> None:
    verdict = frame.run(NoBrowser()).verdict
    assert (verdict.kind, verdict.because) == (Kind.SKIPPED, "a: There is no browser.")
    verdict = frame.run(NoArms()).verdict
    assert (verdict.kind, verdict.because) == (Kind.SKIPPED, "There is no PostgreSQL.")


def test_servers_have_ended_whatever_happened(frame: Frame) -> None:
    fleet: Any = frame.fleet
    for claim in (Fine(), OneArmBreaks(), JudgeFails(), NoBrowser()):
        frame.expect(claim)
        frame.run(claim)
        assert fleet.standing == []
    assert len(fleet.started) == 8


def test_an_interruption_ends_the_waiting_and_marks_the_rest(
    frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    before = frame.run(Fine())
    monkeypatch.setattr(runs, "wait", interrupted)
    began = time.monotonic()
    during, after = frame.run(Waits()), frame.run(Fine())
    assert time.monotonic() - began < 5
    assert (before.verdict.kind, before.interrupted) == (Kind.HOLDS, False)
    for one in (during, after):
        assert (one.verdict.because, one.interrupted) == ("Interrupted before it was measured.", True)


def test_an_interruption_while_it_is_judged_takes_nothing_back(frame: Frame) -> None:
    during, after = frame.run(JudgesSlowly()), frame.run(Fine())
    assert (during.verdict.because, during.interrupted) == ("{'a': [3], 'b': [5]}", False)
    assert (after.verdict.because, after.interrupted) == ("Interrupted before it was measured.", True)


@pytest.mark.parametrize(
    ("by", "kind"),
    [(60.0, Kind.BROKEN), (-60.0, Kind.BROKEN), (0.6, Kind.BROKEN), (0.1, Kind.HOLDS), (0.0, Kind.HOLDS)],
)
def test_what_was_measured_while_the_clock_was_set_is_broken(
    frame: Frame, monkeypatch: pytest.MonkeyPatch, by: float, kind: Kind
) -> None:
    right = time.time
    sets_it = Does("sets", lambda site: monkeypatch.setattr(time, "time", lambda: right() + by))
    verdict = frame.run(sets_it).verdict
    assert verdict.kind is kind
    assert (f"clock jumped by {by:+.1f} s" in verdict.because) is (kind is Kind.BROKEN)
    assert frame.run(Fine()).verdict.kind is Kind.HOLDS


def test_what_is_derived_gets_what_the_others_came_to(frame: Frame) -> None:
    frame.run(Fine())
    assert frame.run(FromOthers()).verdict.because == "{'a': [3], 'b': [5]}"


def test_what_is_derived_from_nothing_is_broken(frame: Frame) -> None:
    verdict = frame.run(FromOthers()).verdict
    assert verdict.because == "It is derived from pretended, which this run did not measure."
    assert verdict.kind is Kind.BROKEN


def test_what_already_runs_is_measured_only_where_it_is_as_asked_for(frame: Frame) -> None:
    said = json.dumps({"lab": {"token_check": "none"}}).encode()
    with lookalike(200, said) as site:
        assert frame.run_against(Fine(), site).verdict.because == "{'a': [9], 'b': [9]}"
        own = Does("kills", lambda site: None, replace(ONE, exclusive=True))
        assert frame.run_against(own, site).verdict.because == NEEDS_ITS_OWN
        assert frame.run_against(FromOthers(), site).verdict.because == NEEDS_ITS_OWN
    with lookalike(200, b"{}") as site:
        assert frame.run_against(Fine(), site).verdict.because == "{'a': [9]}"


def test_two_deployments_may_not_share_a_name() -> None:
    twins = [Arm("a", ONE, "session"), Arm("b", Deployment("one", {"TOKEN_CHECK": "none"}), "token")]
    with pytest.raises(ValueError, match="Two different deployments are called 'one'"):
        deployments_of(twins)
    assert deployments_of([twins[0], twins[0]]) == [ONE]
