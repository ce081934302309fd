"""The frame with claims and servers that are not there: what one claim does must not touch the next."""

import time
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

import pytest

from authcompare.experiments import runs
from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.deployment import Broken, Deployment, Door, Site
from authcompare.experiments.frame import Frame, deployments_of
from authcompare.experiments.transcript import Line, Transcript
from authcompare.experiments.verdict import Kind, Verdict

ONE, OTHER = Deployment("one"), Deployment("other")
NOBODY = Door("nobody.localhost", "127.0.0.1", 9)


class FakeFleet:
    """Counts."""

    def __init__(self) -> None:
        self.stop, self.ended = Event(), 0

    def start(self, deployments: Sequence[Deployment]) -> list[Site]:
        return [Site(one, (NOBODY,), "alice", "password", stop=self.stop) for one in deployments]

    def end(self) -> None:
        self.ended += 1


class Fine(Probe[int]):
    """All is well."""

    row = "Fine"
    decides = ()

    def arms(self, quick: bool) -> list[Arm]:
        return [Arm("a", ONE, "session"), Arm("b", OTHER, "token")]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[int]:
        transcript.lines.append(Line("asks", "", ""))
        return [len(site.deployment.name)]

    def judge(self, samples: Mapping[str, Sequence[int]]) -> Verdict:
        return Verdict(Kind.HOLDS, str(dict(samples)))


class OneArmBreaks(Fine):
    """One arm breaks while the other waits."""

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[int]:
        if arm.name == "b":
            raise Broken("no login")
        site.wait(0.05)
        return [1]


class JudgeFails(Fine):
    """A judge with a fault."""

    def judge(self, samples: Mapping[str, Sequence[int]]) -> Verdict:
        raise IndexError("out of range")


class Waits(Fine):
    """Longer than anybody wants."""

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[int]:
        site.wait(60)
        return []


@pytest.fixture(autouse=True)
def no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "versions", lambda door: {})


@pytest.fixture
def frame() -> Frame:
    class Silent:
        def step(self, *args: object) -> None: ...

    fleet: Any = FakeFleet()
    return Frame(fleet, quick=True, seed=1, progress=Silent())


def test_every_arm_is_visited_on_its_own_deployment(frame: Frame) -> None:
    finished = frame.run(Fine())
    assert finished.verdict.because == "{'a': [3], 'b': [5]}"
    assert [line.note for line in finished.transcript.lines] == ["a: asks", "b: asks"]


def test_a_broken_arm_breaks_its_claim_and_no_other(frame: Frame) -> None:
    verdict = frame.run(OneArmBreaks()).verdict
    assert (verdict.kind, verdict.because) == (Kind.BROKEN, "b: no login")
    assert frame.run(Fine()).verdict.kind is Kind.HOLDS
    assert not frame.interrupted


def test_a_judge_with_a_fault_is_broken(frame: Frame) -> None:
    assert frame.run(JudgeFails()).verdict.because == "IndexError: out of range"


def test_servers_have_ended_whatever_happened(frame: Frame) -> None:
    for claim in (Fine(), OneArmBreaks(), JudgeFails()):
        frame.run(claim)
    assert frame.fleet.ended == 3  # type: ignore[attr-defined]


def test_an_interruption_ends_the_waiting_and_marks_the_rest(
    frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "wait", interrupted)
    began = time.monotonic()
    first, second = frame.run(Waits()), frame.run(Fine())
    assert time.monotonic() - began < 5
    assert {first.verdict.kind, second.verdict.kind} == {Kind.SKIPPED}
    assert first.interrupted
    assert second.interrupted


def test_two_deployments_may_not_share_a_name() -> None:
    twins = [Arm("a", ONE, "session"), Arm("b", Deployment("one", {"TOKEN_CHECK": "none"}), "token")]
    with pytest.raises(ValueError, match="Two different deployments are called 'one'"):
        deployments_of(twins)
    assert deployments_of([twins[0], twins[0]]) == [ONE]
