"""In which order the claims of a run are measured, and how long that is going to take.

What only has to happen runs side by side. What mostly waits begins at once; of the rest a few claims at a
time, one that drives a browser as long as there is one, beside it the others, the longest first. What broke
there, as it may on a slow machine, gets one more try by itself. What is timed comes afterwards, with the
machine to itself. What is derived from others comes last.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from authcompare.experiments.claim import Claim, Derived
from authcompare.experiments.frame import Finished, Frame
from authcompare.experiments.verdict import Kind

AT_ONCE = 3
LOOK_EVERY_SECONDS = 0.2


class Schedule:
    """One run of many claims. `expected` says how many seconds each of them may take."""

    def __init__(self, frame: Frame, expected: Mapping[str, float]) -> None:
        self._frame, self._expected = frame, expected
        self._finished: dict[str, Finished] = {}

    def run(self, claims: Sequence[Claim[Any]]) -> list[Finished]:
        """Measure all of them; what they came to, in the order given."""
        derived = [claim for claim in claims if isinstance(claim, Derived)]
        alone = [claim for claim in claims if claim.alone]
        beside = [claim for claim in claims if claim not in [*derived, *alone]]
        self._side_by_side(beside)
        for claim in beside:
            self._try_again(claim)
        self._end_what_was_shared()
        for claim in [*alone, *derived]:
            self._finished[claim.name] = self._frame.run(claim)
        return [self._finished[claim.name] for claim in claims]

    def _side_by_side(self, claims: Sequence[Claim[Any]]) -> None:
        for claim in claims:
            self._frame.expect(claim)
        waiting = sorted(claims, key=lambda claim: -self._expected[claim.name])
        running: dict[Future[Finished], Claim[Any]] = {}
        with ThreadPoolExecutor(max(1, len(claims))) as pool:
            while waiting or running:
                try:
                    self._begin(pool, waiting, running)
                    self._gather(running)
                except KeyboardInterrupt:
                    self._frame.interrupt()

    def _begin(
        self,
        pool: ThreadPoolExecutor,
        waiting: list[Claim[Any]],
        running: dict[Future[Finished], Claim[Any]],
    ) -> None:
        while claim := _next(waiting, running.values()):
            waiting.remove(claim)
            running[pool.submit(self._frame.run, claim)] = claim

    def _gather(self, running: dict[Future[Finished], Claim[Any]]) -> None:
        done, _ = wait(running, LOOK_EVERY_SECONDS, FIRST_COMPLETED)
        for future in done:
            claim = running.pop(future)
            self._finished[claim.name] = future.result()

    def _try_again(self, claim: Claim[Any]) -> None:
        """Once, and its report says so."""
        first = self._finished[claim.name]
        if first.verdict.kind is Kind.BROKEN and not (again := self._frame.run(claim)).interrupted:
            self._finished[claim.name] = again.after(first)

    def _end_what_was_shared(self) -> None:
        try:
            self._frame.fleet.end()
        except KeyboardInterrupt:
            self._frame.interrupt()


def _next(waiting: Sequence[Claim[Any]], running: Collection[Claim[Any]]) -> Claim[Any] | None:
    """The first that may start now: one browser at a time is as much as two cores can drive.

    But that one all the time, for those who need it take turns, and the last of them ends the run.
    """
    if patient := next((claim for claim in waiting if claim.waits), None):
        return patient
    busy = [claim for claim in running if not claim.waits]
    if len(busy) >= AT_ONCE:
        return None
    driven = any(claim.browser for claim in busy)
    may_start = [claim for claim in waiting if not (claim.browser and driven)]
    return next((claim for claim in may_start if claim.browser), next(iter(may_start), None))


def expected_seconds(
    claims: Sequence[Claim[Any]], earlier: Mapping[str, Any] | None, quick: bool
) -> dict[str, float]:
    """What each claim took when it was last measured in the same manner, else what its file allows it."""
    took = {
        one["name"]: float(one["measured"]["seconds"])
        for one in (earlier or {}).get("claims", [])
        if one["measured"]["quick"] == quick
    }
    return {claim.name: took.get(claim.name) or claim.budget[0 if quick else 1] for claim in claims}


class Outlook:
    """How long is left, from what each claim is expected to take and what of it is done."""

    def __init__(self, claims: Sequence[Claim[Any]], expected: Mapping[str, float]) -> None:
        self._expected = expected
        self._left = dict(expected)
        self._alone = {claim.name for claim in claims if claim.alone}

    def progressed(self, name: str, share: float) -> None:
        """So much of that claim is done."""
        self._left[name] = min(self._left[name], self._expected[name] * (1 - share))

    def passed(self, name: str, seconds: float) -> None:
        """That claim has been running for so long; it is not over before it says so."""
        rest = max(self._expected[name] - seconds, self._expected[name] / 20)
        self._left[name] = min(self._left[name], rest)

    @property
    def seconds(self) -> float:
        """Until the last verdict."""
        together = [0.0, *(left for name, left in self._left.items() if name not in self._alone)]
        by_itself = sum(self._left[name] for name in self._alone)
        return max(sum(together) / AT_ONCE, *together) + by_itself
