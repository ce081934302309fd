"""Servers that answer everything 500, or everything 429, or nothing, refuse nobody: every claim is BROKEN.

Some are so from the first request on, others let everybody log in before.
"""

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import pytest

from authcompare.experiments.browsing.world import World
from authcompare.experiments.claim import Claim, Derived
from authcompare.experiments.claims import discover
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.frame import Frame
from authcompare.experiments.live import postgres
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.lookalikes import DEAD, lookalike
from tests.experiments.pretended import NOBODY, FakeFleet, Silent

MEASURED = sorted(
    (claim for claim in discover() if not isinstance(claim, Derived)), key=lambda claim: -claim.budget[0]
)
WAYS_IN = ("/readyz", "/sessions/login/", "/tokens/login/", "/victim/", "/witness/")
STATUSES = (500, 429)  # by turns: a claim with several deployments meets both
AT_ONCE = 4
FORESEEN = r"(?<!no answer \()(?<!The browser failed: Page\.evaluate: )"
UNFORESEEN = re.compile(FORESEEN + r"\b[A-Z]\w+(Error|Exception): ")
every_claim = pytest.mark.parametrize("claim", MEASURED, ids=lambda claim: claim.name)


class Disguised:
    """Another fleet, to whose servers nobody gets through but under the paths that are passed on."""

    def __init__(
        self, fleet: Any, stack: ExitStack, statuses: Sequence[int], passed_on: tuple[str, ...] = ()
    ) -> None:
        self.stop, self.end, self.nursery, self.settle = fleet.stop, fleet.end, fleet.nursery, fleet.settle
        self._fleet, self._stack, self._passed_on = fleet, stack, passed_on
        self._statuses = cycle(statuses)

    def start(self, deployments: Sequence[Deployment], nursery: Any = None) -> list[Site]:
        """From the nursery in any case: nothing is going to be timed."""
        return [self._disguised(site) for site in self._fleet.start(deployments, self.nursery)]

    @contextmanager
    def launch(self, deployments: Sequence[Deployment]) -> Iterator[list[Site]]:
        try:
            yield self.start(deployments)
        finally:
            self.end()

    def _disguised(self, site: Site) -> Site:
        status, each = next(self._statuses), [replace(site, doors=(door,)) for door in site.doors]
        shown = [lookalike(status, before=one, passed_on=self._passed_on) for one in each]
        return replace(site, doors=tuple(self._stack.enter_context(one).doors[0] for one in shown))


@dataclass
class Empty(FakeFleet):
    """There are doors and browsers before them, and nothing behind."""

    world: World | None = None

    def _site(self, one: Deployment) -> Site:
        there: Any = object()
        return replace(
            super()._site(one),
            doors=(self._door(one),) * one.instances,
            world=self.world if one.tls else None,
            redis=there,
            database=there,
            processes=lambda: {"instances": [os.getpid()] * one.instances, "redis": [], "database": []},
            second=lambda module, audience: SimpleNamespace(door=NOBODY),
        )

    def _door(self, one: Deployment) -> Any:
        certificate = self.world.certificate.chain if self.world and one.tls else None
        return replace(NOBODY, host=one.host, tls=one.tls, certificate=certificate)


def verdicts(fleet: Any) -> dict[str, Verdict]:
    """Of every claim; in a full run where there is none in a quick one."""
    quick, full = (Frame(fleet, one, seed=1, progress=Silent()) for one in (True, False))
    beside = [claim for claim in MEASURED if not claim.alone]
    for claim in beside:
        quick.expect(claim)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        finished = list(pool.map(quick.run, beside))
    for claim in [claim for claim in MEASURED if claim.alone]:
        first = quick.run(claim)
        finished.append(full.run(claim) if first.verdict.kind is Kind.SKIPPED else first)
    return {one.claim.name: one.verdict for one in finished}


@pytest.fixture(autouse=True)
def browsers(request: pytest.FixtureRequest, claim: Claim[Any]) -> None:
    """Whoever needs one and has none is skipped; in CI that is a failure."""
    if claim.lacking:
        request.getfixturevalue("chromium")


@pytest.fixture(scope="module")
def without_log_in(fleet: Fleet) -> Iterator[dict[str, Verdict]]:
    with ExitStack() as stack:
        yield verdicts(Disguised(Empty(world=fleet.world), stack, STATUSES))


@pytest.fixture(scope="module", params=[STATUSES, (DEAD,)], ids=["answers wrongly", "dead"])
def with_log_in(fleet: Fleet, request: pytest.FixtureRequest) -> Iterator[dict[str, Verdict]]:
    with ExitStack() as stack, pytest.MonkeyPatch.context() as changed:
        changed.setattr(postgres, "is_installed", lambda: False)  # it takes long to start and is not asked
        yield verdicts(Disguised(fleet, stack, request.param, WAYS_IN))


@every_claim
def test_a_server_that_never_worked_breaks_it(claim: Claim[Any], without_log_in: dict[str, Verdict]) -> None:
    verdict = without_log_in[claim.name]
    assert verdict.kind is Kind.BROKEN
    assert any(str(status) in verdict.because for status in STATUSES)


@every_claim
def test_a_server_that_worked_until_the_log_in_breaks_it(
    claim: Claim[Any], with_log_in: dict[str, Verdict]
) -> None:
    verdict = with_log_in[claim.name]
    assert verdict.kind is Kind.BROKEN
    assert not UNFORESEEN.search(verdict.because)
