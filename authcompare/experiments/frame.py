"""Runs one claim: which servers stand for it, what is visited, and what becomes of whatever goes wrong."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any, Protocol

from authcompare.experiments import against
from authcompare.experiments.claim import Arm, Claim, Derived, Evidence, Probe, Timed
from authcompare.experiments.costs.noise import load
from authcompare.experiments.deployments.deployment import Broken, Deployment, Site, Skipped, Stopped
from authcompare.experiments.live.attestation import fits, said_by
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.live.lending import Lending
from authcompare.experiments.runs import Deriving, Finished, Probing, Run, Start, Timing
from authcompare.experiments.timing import FULL, QUICK, Plan
from authcompare.experiments.verdict import Kind, Verdict

NEEDS_ITS_OWN = (
    "It starts, restarts or ends servers of its own, or wants other settings than those in force there: "
    "run it without --against."
)

JUMPED = (
    "Meanwhile this machine's clock jumped by {:+.1f} s. Servers keep their limits by it, while what they "
    "did was timed by one that nobody sets: the two cannot be compared."
)
JUMP_SECONDS = 0.5  # whoever keeps a clock right moves it by less, but where it was far off

Servers = Callable[[Sequence[Deployment]], AbstractContextManager[list[Site]]]


class Progress(Protocol):
    """Where the frame says what it is doing; called from several threads."""

    def step(self, claim: Claim[Any], text: str, share: float) -> None:
        """`share` of this claim is done; 1 when it has its verdict."""


class Frame:
    """One run. After an interruption every further claim is marked, not measured."""

    def __init__(self, fleet: Fleet, quick: bool, seed: int, progress: Progress) -> None:
        self.fleet = fleet
        self.quick = quick
        self.seed = seed
        self.interrupted = False
        self._progress = progress
        self._lending = Lending(fleet)
        self._stops: list[Event] = [fleet.stop]
        self._evidence: dict[str, Evidence] = {}

    def expect(self, claim: Claim[Any]) -> None:
        """Said of every claim that is going to run beside others, before the first of them does."""
        with suppress(Exception):  # what is wrong with its arms is said when it runs
            if not claim.lacking:
                self._lending.expect(deployments_of(claim.arms(self.quick)))

    def run(self, claim: Claim[Any]) -> Finished:
        """Measure one claim and judge it. Whatever goes wrong in the harness becomes BROKEN."""
        try:
            arms = claim.arms(self.quick)
            if claim.lacking:
                raise Skipped(claim.lacking)
            start = partial(self._servers_for(claim), deployments_of(arms))
        except Exception as error:
            finished = Finished(claim, [], _without_verdict(error))
        else:
            finished = self._measured(claim, arms, start)
        self._progress.step(claim, str(finished.verdict.kind), 1.0)
        self._evidence[claim.name] = Evidence(finished.verdict, finished.samples)
        return finished

    def run_against(self, claim: Claim[Any], site: Site) -> Finished:
        """The same on a deployment that already runs."""
        try:
            arms = [replace(arm, deployment=site.deployment) for arm in self._fitting(claim, site)]
        except Exception as error:
            return Finished(claim, [], _without_verdict(error))
        if not arms or not isinstance(claim, Probe):
            return Finished(claim, arms, Verdict.skipped(NEEDS_ITS_OWN))
        return self._measured(claim, arms, lambda: _standing(site))

    def _fitting(self, claim: Claim[Any], site: Site) -> list[Arm]:
        """What only reads goes anywhere, one arm per client; else the settings have to be those asked for."""
        arms = claim.arms(self.quick)
        if not claim.read_only:
            return [arm for arm in arms if fits(arm.deployment, site.doors[0])]
        firsts = {arm.client: arm for arm in reversed(arms)}
        said = said_by(site.doors[0])
        return [_as_it_runs(arm, site, said) for _, arm in sorted(firsts.items())]

    def interrupt(self) -> None:
        """Nothing begins any more, and what waits stops waiting."""
        self.interrupted = True
        for stop in self._stops:
            stop.set()

    def _measured(self, claim: Claim[Any], arms: Sequence[Arm], start: Start) -> Finished:
        began, before, apart = time.monotonic(), load(), _clocks_apart()
        finished = self._finished(claim, arms, start)
        unmeasured = finished.verdict.kind in (Kind.SKIPPED, Kind.BROKEN)
        if abs(jump := _clocks_apart() - apart) > JUMP_SECONDS and not unmeasured:
            finished.verdict = Verdict.broken(JUMPED.format(jump))
        finished.seconds = time.monotonic() - began
        finished.load = (before, load())
        return finished

    def _finished(self, claim: Claim[Any], arms: Sequence[Arm], start: Start) -> Finished:
        run = self._run_of(claim, arms)
        try:
            self._measure(run, start)
            return self._judged(run)
        except Exception as error:
            return Finished(claim, arms, _without_verdict(error))

    def _measure(self, run: Run, start: Start) -> None:
        if self.interrupted:
            return
        try:
            run.measure(start)
        except (KeyboardInterrupt, Stopped):
            self.interrupt()

    def _judged(self, run: Run) -> Finished:
        """Which may take seconds: an interruption meanwhile does not take back what was measured."""
        cut_short = self.interrupted
        try:
            return run.finished(cut_short)
        except KeyboardInterrupt:
            self.interrupt()
            return run.finished(cut_short)

    def _run_of(self, claim: Claim[Any], arms: Sequence[Arm]) -> Run:
        tell = partial(self._progress.step, claim)
        if isinstance(claim, Timed):
            return Timing(tell, claim, arms, self._plan, self.seed, self.fleet.settle)
        if isinstance(claim, Derived):
            return Deriving(claim, self._evidence)
        assert isinstance(claim, Probe)
        run = Probing(tell, claim, arms, claim.rounds[0 if self.quick else 1])
        self._stops.append(run.stop)
        return run

    def _servers_for(self, claim: Claim[Any]) -> Servers:
        if not claim.alone:
            return self._lent
        return self.fleet.launch if isinstance(claim, Timed) and self._plan.forked else self._own

    @property
    def _plan(self) -> Plan:
        return QUICK if self.quick else FULL

    @contextmanager
    def _own(self, deployments: Sequence[Deployment]) -> Iterator[list[Site]]:
        """Started for this claim only, which nothing runs beside."""
        try:
            yield self.fleet.start(deployments)
        finally:
            self.fleet.end()

    @contextmanager
    def _lent(self, deployments: Sequence[Deployment]) -> Iterator[list[Site]]:
        """Perhaps shared with claims that run at the same time."""
        lent = self._lending.take(deployments)
        try:
            yield lent.sites
        finally:
            self._lending.give_back(lent)


def _as_it_runs(arm: Arm, site: Site, said: Mapping[str, Any]) -> Arm:
    """What was planned for other settings, held to what this deployment says that it promises."""
    name = f"{arm.client} at {site.deployment.name}"
    return replace(arm, name=name, guarantees=against.guarantees(arm.client, said))


@contextmanager
def _standing(site: Site) -> Iterator[list[Site]]:
    yield [site]


def _clocks_apart() -> float:
    """What the clock shows more than the one that nobody sets: always as much, unless it jumps."""
    return time.time() - time.monotonic()


def _without_verdict(error: Exception) -> Verdict:
    """What an exception comes to: skipped where it says so, else the harness has failed."""
    if isinstance(error, Skipped):
        return Verdict.skipped(str(error))
    return Verdict.broken(str(error) if isinstance(error, Broken) else f"{type(error).__name__}: {error}")


def deployments_of(arms: Sequence[Arm]) -> list[Deployment]:
    """Every deployment once; two that share a name must be the same."""
    found: dict[str, Deployment] = {}
    for arm in arms:
        if found.setdefault(arm.deployment.name, arm.deployment) != arm.deployment:
            raise ValueError(f"Two different deployments are called '{arm.deployment.name}'.")
    return list(found.values())
