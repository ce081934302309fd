"""Which servers a timed claim is given, and what has come to rest before it is timed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments import frame, runs
from authcompare.experiments.claim import Arm, BlockValue, Shot, Timed
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.frame import Frame
from authcompare.experiments.timing import FULL, QUICK, REQUESTS, Plan
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.pretended import ONE, FakeConnection, FakeFleet, Silent

PLAN = Plan(launches=3, blocks=2, warm_requests=0, warm_seconds=0.2, budget_seconds=0)
BLOCKS = ["asked"] * (PLAN.blocks * 2 * REQUESTS)


class Clocked(Timed):
    """One arm, whose requests are written into the log."""

    row = "Clocked"
    decides = ()

    def __init__(self, log: list[str]) -> None:
        self._log = log

    def arms(self, quick: bool) -> list[Arm]:
        return [Arm("open", ONE, "open")]

    def begin(self, arm: Arm, site: Site, transcript: Transcript) -> Shot:
        connection: Any = FakeConnection("asked", self._log)
        return Shot(connection, lambda: b"GET")

    def precise_enough(self, samples: Mapping[str, Sequence[BlockValue]]) -> bool:
        return True

    def judge(self, samples: Mapping[str, Sequence[BlockValue]]) -> Verdict:
        return Verdict(Kind.HOLDS, f"{len(samples['open'])} blocks")


def run(fleet: Any, quick: bool, monkeypatch: pytest.MonkeyPatch) -> Verdict:
    monkeypatch.setattr(runs, "versions", lambda door: {})
    monkeypatch.setattr(frame, "QUICK", replace(PLAN, forked=QUICK.forked))
    monkeypatch.setattr(frame, "FULL", replace(PLAN, forked=FULL.forked))
    return Frame(fleet, quick, seed=1, progress=Silent()).run(Clocked(fleet.log)).verdict


def test_a_quick_run_launches_afresh_and_lets_what_comes_next_settle_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fleet = FakeFleet()
    verdict = run(fleet, True, monkeypatch)
    assert (verdict.because, runs.FORKED in verdict.doubts) == ("6 blocks", True)
    assert "There were 2 blocks a launch; a full run has 25, and it alone compares" in " ".join(
        verdict.doubts
    )
    assert (fleet.log.count("launched"), fleet.by_itself, fleet.standing) == (3, [], [])
    launches = " ".join(fleet.log).split("launched ")[1:]
    assert all(one.split("settled ")[1].split() == BLOCKS for one in launches)


def test_servers_of_a_full_run_start_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = FakeFleet()
    verdict = run(fleet, False, monkeypatch)
    assert (verdict.because, runs.FORKED in verdict.doubts) == ("6 blocks", False)
    assert "There were" not in " ".join(verdict.doubts)
    assert ("launched" in fleet.log, fleet.by_itself) == (False, ["one"] * 3)
