"""Runs claims: which servers stand when, who is visited in which order, when it stops, what is kept."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from authcompare.experiments.claim import Arm, Claim, Probe, Timed
from authcompare.experiments.deployment import Broken, Deployment, Site, Stopped
from authcompare.experiments.fleet import Fleet
from authcompare.experiments.noise import load
from authcompare.experiments.runs import INTERRUPTED, Finished, Probing, Timing
from authcompare.experiments.timing import FULL, QUICK
from authcompare.experiments.verdict import Verdict


class Progress(Protocol):
    """Where the frame says what it is doing."""

    def step(self, claim: Claim[Any], text: str, share: float) -> None:
        """`share` of this claim is done."""


class Frame:
    """One run. After an interruption every further claim is marked, not measured."""

    def __init__(self, fleet: Fleet, quick: bool, seed: int, progress: Progress) -> None:
        self.fleet = fleet
        self.quick = quick
        self.seed = seed
        self.interrupted = False
        self._progress = progress

    def run(self, claim: Claim[Any]) -> Finished:
        """Measure one claim and judge it. Whatever goes wrong in the harness becomes BROKEN."""
        arms = claim.arms(self.quick)
        if self.interrupted:
            return Finished(claim, arms, Verdict.skipped(INTERRUPTED), interrupted=True)
        return self._measured(claim, arms, lambda: self._start(arms))

    def run_against(self, claim: Claim[Any], site: Site) -> Finished:
        """The same on a deployment that already runs: one arm per client."""
        firsts = {arm.client: arm for arm in reversed(claim.arms(self.quick))}
        arms = [
            replace(arm, name=f"{client} at {site.deployment.name}", deployment=site.deployment)
            for client, arm in sorted(firsts.items())
        ]
        return self._measured(claim, arms, lambda: [site])

    def _measured(self, claim: Claim[Any], arms: Sequence[Arm], start: Callable[[], list[Site]]) -> Finished:
        began, before = time.monotonic(), load()
        try:
            finished = self._finished(self._run_of(claim, arms), start)
        except Exception as error:
            words = str(error) if isinstance(error, Broken) else f"{type(error).__name__}: {error}"
            finished = Finished(claim, arms, Verdict.broken(words))
        finally:
            self._clear()
        finished.seconds = time.monotonic() - began
        finished.load = (before, load())
        return finished

    def _run_of(self, claim: Claim[Any], arms: Sequence[Arm]) -> Probing | Timing:
        tell = partial(self._progress.step, claim)
        if isinstance(claim, Timed):
            return Timing(self.fleet, tell, claim, arms, QUICK if self.quick else FULL, self.seed)
        assert isinstance(claim, Probe)
        return Probing(self.fleet, tell, claim, arms)

    def _finished(self, run: Probing | Timing, start: Callable[[], list[Site]]) -> Finished:
        try:
            run.measure(start)
        except (KeyboardInterrupt, Stopped):
            self.interrupted = True
            self.fleet.stop.set()
        return run.finished(self.interrupted)

    def _clear(self) -> None:
        """Nothing of one claim is left standing for the next."""
        self.fleet.end()
        if not self.interrupted:
            self.fleet.stop.clear()

    def _start(self, arms: Sequence[Arm]) -> list[Site]:
        return self.fleet.start(deployments_of(arms))


def deployments_of(arms: Sequence[Arm]) -> list[Deployment]:
    """Every deployment once; two that share a name must be the same."""
    found: dict[str, Deployment] = {}
    for arm in arms:
        if found.setdefault(arm.deployment.name, arm.deployment) != arm.deployment:
            raise ValueError(f"Two different deployments are called '{arm.deployment.name}'.")
    return list(found.values())
