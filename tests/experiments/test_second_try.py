"""What broke beside other claims is measured once more by itself, and says so."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from authcompare.experiments import runs
from authcompare.experiments.claim import Claim
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site
from authcompare.experiments.frame import Frame
from authcompare.experiments.runs import Finished
from authcompare.experiments.schedule import Schedule
from authcompare.experiments.verdict import Kind
from tests.experiments.pretended import Does, DoesAlone, FakeFleet, Silent


@pytest.fixture(autouse=True)
def no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "versions", lambda door: {})


def run(claims: Sequence[Claim[Any]], fleet: Any = None) -> dict[str, Finished]:
    frame = Frame(fleet or FakeFleet(), quick=True, seed=1, progress=Silent())
    finished = Schedule(frame, {claim.name: 1 for claim in claims}).run(claims)
    return {one.claim.name: one for one in finished}


class Breaks:
    """The first so many times it is visited."""

    def __init__(self, times: int) -> None:
        self.times, self.tries = times, 0

    def __call__(self, site: Site) -> None:
        self.tries += 1
        if self.tries <= self.times:
            raise Broken("too slow")


def test_what_broke_beside_others_has_its_verdict_from_a_second_try_and_says_so() -> None:
    slow, fine = Breaks(1), Breaks(0)
    found = run([Does("slow", slow), Does("fine", fine)])
    assert {name: one.verdict.kind for name, one in found.items()} == {
        "slow": Kind.HOLDS,
        "fine": Kind.HOLDS,
    }
    (said,) = found["slow"].verdict.doubts
    assert "second try" in said
    assert "only: too slow" in said
    assert (found["fine"].verdict.doubts, fine.tries) == ((), 1)


def test_the_second_try_begins_when_all_others_are_done() -> None:
    order: list[str] = []
    slow = Breaks(1)

    def noted(name: str, do: Callable[[Site], None] = lambda site: None) -> Any:
        return Does(name, lambda site: (order.append(name), do(site)))

    run([noted("slow", slow), *(noted(name) for name in "abcdefgh")])
    assert (order[-1], order.count("slow")) == ("slow", 2)


def test_what_breaks_again_is_broken() -> None:
    always = Breaks(9)
    found = run([Does("always", always)])
    assert (found["always"].verdict.kind, always.tries) == (Kind.BROKEN, 2)


def test_what_had_the_machine_to_itself_is_not_tried_again() -> None:
    alone = Breaks(9)
    found = run([DoesAlone("alone", alone)])
    assert (found["alone"].verdict.kind, alone.tries) == (Kind.BROKEN, 1)


def test_a_server_that_did_not_start_is_started_at_the_second_try() -> None:
    class FailsOnce(FakeFleet):
        def start(self, deployments: Sequence[Deployment], nursery: object = None) -> list[Site]:
            sites = super().start(deployments, nursery)
            if len(self.started) == 1:
                self.standing.clear()
                raise Broken("no port")
            return sites

    fleet = FailsOnce()
    assert run([Does("a", lambda site: None)], fleet)["a"].verdict.kind is Kind.HOLDS
    assert fleet.standing == []


def test_an_interrupted_second_try_leaves_what_was_known() -> None:
    def interrupted(site: Site) -> None:
        slow(site)
        raise KeyboardInterrupt

    slow = Breaks(1)
    assert run([Does("slow", interrupted)])["slow"].verdict.kind is Kind.BROKEN
