"""Visits arms of a probe on live servers, as the frame does, without the rest of the frame."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.frame import deployments_of
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind, Verdict

AGAIN = 2  # stalls come in rows
SLOW = {Kind.BROKEN: "too slow", Kind.INCONCLUSIVE: "nothing was tried in time"}


def visited(fleet: Fleet, claim: Probe[Any], arms: Sequence[Arm]) -> dict[str, list[Any]]:
    """What these arms really do, by turns where each has to be alone; their servers end afterwards."""
    sites = {site.deployment.name: site for site in fleet.start(deployments_of(arms))}
    try:
        with ThreadPoolExecutor(1 if claim.alone else len(arms)) as pool:
            running = {
                arm.name: pool.submit(claim.visit, arm, sites[arm.deployment.name], Transcript())
                for arm in arms
            }
        return {name: one.result() for name, one in running.items()}
    finally:
        fleet.end()


def decided(judged: Callable[[], Sequence[Verdict]], slow: Mapping[Kind, str] = SLOW) -> list[Verdict]:
    """Each verdict; where it says that the machine was too slow to tell, from another try, as in the lab.

    `slow` are the words by which a verdict of each kind says so.
    """

    def too_slow(verdict: Verdict) -> bool:
        return verdict.kind in slow and slow[verdict.kind] in verdict.because

    found = list(judged())
    for _ in range(AGAIN):
        if any(map(too_slow, found)):
            found = [again if too_slow(one) else one for one, again in zip(found, judged(), strict=True)]
    return found
