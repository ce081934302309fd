"""Which claims run beside each other, which servers they share, and how long is left."""

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from threading import Barrier, Lock
from typing import Any

import pytest
from rich.console import Console

from authcompare.experiments import runs, schedule
from authcompare.experiments.claim import Arm, Claim
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site, Skipped
from authcompare.experiments.frame import Frame
from authcompare.experiments.live.lending import Lending
from authcompare.experiments.rows import ROWS, place
from authcompare.experiments.schedule import AT_ONCE, Outlook, Schedule, expected_seconds
from authcompare.experiments.telling.progress import Teller
from authcompare.experiments.verdict import Kind
from tests.experiments import pretended
from tests.experiments.pretended import ONE, OTHER, Does, DoesAlone, DoesInBrowser, FakeFleet, Fine, Silent

SECONDS = 5.0  # how long a test waits for others that are not coming


@pytest.fixture(autouse=True)
def no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "versions", lambda door: {})


@pytest.fixture
def fleet() -> Any:
    return FakeFleet()


def run(fleet: Any, claims: Sequence[Claim[Any]], **expected: float) -> dict[str, Kind]:
    """The verdicts, in the order in which they came back."""
    frame = Frame(fleet, quick=True, seed=1, progress=Silent())
    finished = Schedule(frame, {claim.name: expected.get(claim.name, 1) for claim in claims}).run(claims)
    return {one.claim.name: one.verdict.kind for one in finished}


class Crowd:
    """Counts how many are inside at the same time, and who came when."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.inside = self.most = 0
        self._lock = Lock()

    def pass_through(self, name: str) -> Any:
        def inside(site: Site) -> None:
            with self._lock:
                self.order.append(name)
                self.inside += 1
                self.most = max(self.most, self.inside)
            site.wait(0.02)
            with self._lock:
                self.inside -= 1

        return inside


def test_a_few_claims_run_at_the_same_time(fleet: Any) -> None:
    together = Barrier(AT_ONCE)
    claims = [Does(name, lambda site: together.wait(SECONDS)) for name in "abcdefgh"[:AT_ONCE]]
    assert set(run(fleet, claims).values()) == {Kind.HOLDS}


def test_not_more_than_a_few_and_in_the_order_given_back(fleet: Any) -> None:
    crowd = Crowd()
    claims = [Does(name, crowd.pass_through(name)) for name in "abcdefgh"]
    assert list(run(fleet, claims)) == list("abcdefgh")
    assert crowd.most <= AT_ONCE


def test_the_longest_begins_first(fleet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "AT_ONCE", 1)
    crowd = Crowd()
    run(fleet, [Does(name, crowd.pass_through(name)) for name in "abc"], a=1, b=3, c=2)
    assert crowd.order == ["b", "c", "a"]


def test_browsers_are_driven_one_after_the_other_while_others_go_on(fleet: Any) -> None:
    browsers, others, together = Crowd(), Crowd(), Barrier(2)
    claims = [DoesInBrowser(name, browsers.pass_through(name)) for name in "abcd"]
    claims.append(DoesInBrowser("with one beside", lambda site: together.wait(SECONDS)))
    beside = Does("beside", lambda site: together.wait(SECONDS))
    verdicts = run(fleet, [*claims, beside, Does("e", others.pass_through("e"))], beside=9)
    assert browsers.most == 1
    assert set(verdicts.values()) == {Kind.HOLDS}


def test_the_browser_is_driven_from_the_beginning(fleet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "AT_ONCE", 1)
    crowd = Crowd()
    claims = [Does("long", crowd.pass_through("long"))]
    claims += [DoesInBrowser(name, crowd.pass_through(name)) for name in ("short", "shorter")]
    run(fleet, claims, long=9, short=2, shorter=1)
    assert crowd.order == ["short", "shorter", "long"]


def test_what_mostly_waits_begins_with_the_run_and_takes_nobodys_place(fleet: Any) -> None:
    together = Barrier(AT_ONCE + 1)
    claims = [Does(name, lambda site: together.wait(SECONDS)) for name in "abcdefgh"[:AT_ONCE]]
    patient = pretended.DoesPatiently("patient", lambda site: together.wait(SECONDS))
    assert set(run(fleet, [*claims, patient], patient=0).values()) == {Kind.HOLDS}


def test_what_is_timed_has_the_machine_to_itself_and_comes_last(fleet: Any) -> None:
    crowd = Crowd()
    seen: list[list[str]] = []
    alone = DoesAlone("alone", lambda site: seen.append([*crowd.order, *fleet.standing]))
    verdicts = run(fleet, [alone, *(Does(name, crowd.pass_through(name)) for name in "ab")])
    assert (sorted(seen[0][:2]), seen[0][2:]) == (["a", "b"], ["one"])
    assert list(verdicts) == ["alone", "a", "b"]
    assert fleet.standing == []
    assert (fleet.started, fleet.by_itself) == (["one"] * 2, ["one"])


def test_claims_that_ask_for_the_same_share_what_was_started_once(fleet: Any) -> None:
    names: list[str] = []
    other_name = replace(ONE, name="by another name")
    claims = [
        Does(str(number), lambda site: names.append(site.deployment.name), where)
        for number, where in enumerate([ONE, other_name] * 4)
    ]
    run(fleet, claims)
    assert len(fleet.started) == 1
    assert set(names) == {"one", "by another name"}
    assert fleet.standing == []


def test_whoever_kills_gets_servers_of_its_own(fleet: Any) -> None:
    own = replace(ONE, exclusive=True)
    run(
        fleet,
        [Does("a", lambda site: None, own), Does("b", lambda site: None, own), Does("c", lambda site: None)],
    )
    assert fleet.started == ["one"] * 3


def test_a_shared_deployment_stands_as_long_as_somebody_is_going_to_ask_for_it(fleet: Any) -> None:
    lending = Lending(fleet)
    for _ in range(2):
        lending.expect([ONE, OTHER])
    lending.expect([OTHER])
    lending.give_back(lending.take([ONE, OTHER]))
    assert fleet.standing == ["one", "other"]
    lending.give_back(lending.take([ONE, OTHER]))
    assert fleet.standing == ["other"]
    lending.give_back(lending.take([OTHER]))
    assert fleet.standing == []


def test_a_server_that_does_not_start_breaks_every_claim_that_wants_it() -> None:
    class Fails(FakeFleet):
        def start(self, deployments: Sequence[Deployment], nursery: object = None) -> list[Site]:
            raise Broken("no port")

    claims = [Does(name, lambda site: None) for name in "ab"]
    assert set(run(Fails(), claims).values()) == {Kind.BROKEN}


def test_ctrl_c_keeps_what_is_done_and_marks_the_rest(fleet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []
    really_wait = schedule.wait

    def wait(*arguments: Any) -> Any:
        waited.append(1)
        if len(waited) == 3:
            raise KeyboardInterrupt
        return really_wait(*arguments)

    monkeypatch.setattr(schedule, "wait", wait)
    monkeypatch.setattr(schedule, "AT_ONCE", 1)
    claims = [
        Does("done", lambda site: None),
        Does("waits", lambda site: site.wait(60)),
        Does("never begun", lambda site: None),
        DoesAlone("timed", lambda site: None),
    ]
    verdicts = run(fleet, claims, done=9, waits=8)
    assert verdicts == {
        "done": Kind.HOLDS, "waits": Kind.SKIPPED, "never begun": Kind.SKIPPED, "timed": Kind.SKIPPED
    }  # fmt: skip
    assert fleet.standing == []


def test_the_time_left_comes_from_the_last_run_in_the_same_manner_or_from_the_budget() -> None:
    def entry(quick: bool, seconds: float) -> dict[str, Any]:
        return {"name": "pretended", "measured": {"quick": quick, "seconds": seconds}}

    assert expected_seconds([Fine()], {"claims": [entry(True, 7.5)]}, quick=True) == {"pretended": 7.5}
    assert expected_seconds([Fine()], {"claims": [entry(True, 7.5)]}, quick=False) == {"pretended": 60}
    assert expected_seconds([Fine()], None, quick=True) == {"pretended": 10}


def test_the_time_left_counts_what_runs_side_by_side_once() -> None:
    claims: list[Claim[Any]] = [Does(name, lambda site: None) for name in "abc"]
    claims.append(DoesAlone("timed", lambda site: None))
    outlook = Outlook(claims, {"a": 30, "b": 30, "c": 30, "timed": 40})
    assert outlook.seconds == 70
    outlook.progressed("a", 1.0)
    outlook.progressed("b", 1.0)
    outlook.passed("c", 20)
    assert outlook.seconds == 50
    outlook.progressed("c", 1.0)
    outlook.progressed("timed", 0.5)
    assert outlook.seconds == 20


def test_progress_says_what_runs_and_how_long_is_left() -> None:
    claim = Does("a", lambda site: None)
    teller = Teller(Console(file=StringIO()), Outlook([claim], {"a": 30}))
    teller.step(claim, "1 of 2 arms visited", 0.5)
    assert teller.line == "0 s, about 15 s left. Fine: 1 of 2 arms visited"
    teller.step(claim, "HOLDS", 1.0)
    assert teller.line == "0 s, about 0 s left. "


def test_what_is_skipped_before_it_begins_is_done_all_the_same(fleet: Any) -> None:
    told: list[tuple[str, float]] = []

    class Tells(Silent):
        def step(self, claim: Claim[Any], text: str, share: float) -> None:
            told.append((text, share))

    class Missing(Fine):
        def arms(self, quick: bool) -> list[Arm]:
            raise Skipped("There is no browser.")

    frame = Frame(fleet, quick=True, seed=1, progress=Tells())
    claim = Missing()
    Schedule(frame, {claim.name: 1}).run([claim])
    assert told == [("SKIPPED", 1.0)]


def test_rows_come_in_the_order_of_the_table() -> None:
    assert sorted(["Revocation", "Another", "Performance"], key=place) == [
        "Performance",
        "Revocation",
        "Another",
    ]
    assert len(set(ROWS)) == len(ROWS)
