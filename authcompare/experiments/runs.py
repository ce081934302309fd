"""One claim from its first server to its verdict: probes wait together, timed claims take turns."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event
from typing import Any, Protocol

from authcompare.experiments.claim import Arm, Claim, Derived, Evidence, Probe, Shot, Timed
from authcompare.experiments.costs.noise import Noise, flagged, not_quiet
from authcompare.experiments.costs.turns import there_and_back
from authcompare.experiments.deployments.deployment import Broken, Site, Skipped, Stopped
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.attestation import versions
from authcompare.experiments.timing import FULL, Measured, Plan, measure_launch, warm_up
from authcompare.experiments.verdict import Verdict

INTERRUPTED = "Interrupted before it was measured."
LOOK_EVERY_SECONDS = 0.2
CLIENT_SHARE = 0.25
FORKED = (
    "The servers of a launch were forked from one process, made for this launch alone: where things lie in "
    "memory and how strings are hashed differed between launches, not between the processes of one."
)

Tell = Callable[[str, float], None]
Start = Callable[[], AbstractContextManager[list[Site]]]


@dataclass
class Finished:
    """One claim after its run: the verdict and everything it rests on."""

    claim: Claim[Any]
    arms: Sequence[Arm]
    verdict: Verdict
    samples: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    transcript: Transcript = field(default_factory=Transcript)
    noises: Sequence[Noise] = ()
    made_of: Mapping[str, Any] = field(default_factory=dict)
    load: Sequence[Sequence[float]] = ()
    client_share: float | None = None
    seconds: float = 0.0
    interrupted: bool = False

    def after(self, broken: "Finished") -> "Finished":
        """The same, and it says of what it is the second try."""
        said = (
            f"A second try, by itself; beside other claims the harness had failed: {broken.verdict.because}"
        )
        verdict = replace(self.verdict, doubts=(*self.verdict.doubts, said))
        return replace(self, verdict=verdict, seconds=broken.seconds + self.seconds)


class Run(Protocol):
    """What the frame needs of each kind."""

    def measure(self, start: Start) -> None:
        """Gather the samples on the sites that `start` gives."""

    def finished(self, interrupted: bool) -> Finished:
        """Judge what was gathered; an interruption may have left some of it out."""


class Probing:
    """All arms of a probe at the same time, for they mostly wait; one by one if it has to be alone."""

    def __init__(self, tell: Tell, claim: Probe[Any], arms: Sequence[Arm], rounds: int = 1) -> None:
        self.stop = Event()
        self._tell, self._claim, self._arms, self._rounds = tell, claim, arms, rounds
        self._samples: dict[str, list[Any]] = {}
        self._transcripts = {arm.name: Transcript() for arm in arms}
        self._made_of: dict[str, Any] = {}
        self._complete = False

    def measure(self, start: Start) -> None:
        self._tell("starting servers", 0.0)
        with start() as sites:
            by_name = {site.deployment.name: replace(site, stop=self.stop) for site in sites}
            self._made_of = versions(site.doors[0] for site in sites)
            with ThreadPoolExecutor(1 if self._claim.alone else len(self._arms)) as pool:
                try:
                    self._visit_all(pool, by_name)
                except BaseException:
                    self.stop.set()
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise

    def _visit_all(self, pool: ThreadPoolExecutor, sites: Mapping[str, Site]) -> None:
        rounds = (there_and_back(self._arms, number) for number in range(self._rounds))
        order = [arm for one in rounds for arm in one]
        futures = [pool.submit(self._visit, arm, sites[arm.deployment.name]) for arm in order]
        pending: set[Future[None]] = set(futures)
        while pending:
            done, pending = wait(pending, LOOK_EVERY_SECONDS, FIRST_EXCEPTION)
            if any(future.exception() for future in done):
                self.stop.set()
            if done:
                share = 1 - len(pending) / len(futures)
                self._tell(f"{len(futures) - len(pending)} of {len(futures)} arms visited", share)
        self._complete = all(future.done() and not future.exception() for future in futures)
        errors = [error for future in futures if (error := future.exception())]
        for error in sorted(errors, key=lambda error: isinstance(error, Stopped)):
            raise error

    def _visit(self, arm: Arm, site: Site) -> None:
        try:
            found = self._claim.visit(arm, site, self._transcripts[arm.name])
            self._samples[arm.name] = [*self._samples.get(arm.name, []), *found]
        except (Broken, Skipped) as error:
            raise type(error)(f"{arm.name}: {error}") from error

    def finished(self, interrupted: bool) -> Finished:
        merged = Transcript()
        for name, transcript in self._transcripts.items():
            merged.lines += [replace(line, note=f"{name}: {line.note}") for line in transcript.lines]
        cut_short = interrupted and not self._complete
        samples = {arm.name: self._samples[arm.name] for arm in self._arms if arm.name in self._samples}
        verdict = Verdict.skipped(INTERRUPTED) if cut_short else self._claim.judge(samples)
        return Finished(
            self._claim, self._arms, verdict, samples, merged,
            made_of=self._made_of, interrupted=cut_short,
        )  # fmt: skip


class Deriving:
    """No servers at all: what it needs has been measured by others."""

    def __init__(self, claim: Derived[Any], evidence: Mapping[str, Evidence]) -> None:
        self._claim, self._evidence = claim, evidence
        self._samples: Mapping[str, Sequence[Any]] = {}

    def measure(self, start: Start) -> None:
        if missing := [name for name in self._claim.needs if name not in self._evidence]:
            raise Broken(f"It is derived from {', '.join(missing)}, which this run did not measure.")
        self._samples = self._claim.derive({name: self._evidence[name] for name in self._claim.needs})

    def finished(self, interrupted: bool) -> Finished:
        verdict = Verdict.skipped(INTERRUPTED) if interrupted else self._claim.judge(self._samples)
        return Finished(self._claim, [], verdict, self._samples, interrupted=interrupted)


class Timing:
    """All arms of a timed claim in blocks, over several launches, with the machine to itself.

    `settle` comes back when that is so: a launch may be warm before the next one's preparations are over.
    """

    def __init__(
        self, tell: Tell, claim: Timed, arms: Sequence[Arm], plan: Plan, seed: int, settle: Callable[[], None]
    ) -> None:
        self._tell, self._claim, self._arms, self._plan = tell, claim, arms, plan
        self._random, self._settle = random.Random(seed), settle  # noqa: S311
        self._measured = Measured()
        self._transcript = Transcript()
        self._made_of: dict[str, Any] = {}

    def measure(self, start: Start) -> None:
        began = time.monotonic()
        self._launches(range(self._plan.launches), start)
        took = time.monotonic() - began
        enough = self._claim.precise_enough(self._measured.samples)
        if not enough and took * 2 <= self._plan.budget_seconds:
            self._launches(range(self._plan.launches, self._plan.launches * 2), start)

    def _launches(self, numbers: range, start: Start) -> None:
        for launch in numbers:
            self._tell_block(launch, numbers, 0)
            with start() as sites:
                self._launch(launch, sites, partial(self._tell_block, launch, numbers))

    def _launch(self, launch: int, sites: Sequence[Site], told: Callable[[int], None]) -> None:
        self._made_of = versions(site.doors[0] for site in sites)
        shots = self._shots(launch, {site.deployment.name: site for site in sites})
        steady = [arm.name for arm in self._arms if arm.client == "open"]
        self._measured.warmed.append(warm_up(shots, steady, self._plan, self._random))
        self._settle()
        measure_launch(shots, launch, self._plan, self._random, self._measured, told)

    def _shots(self, launch: int, sites: Mapping[str, Site]) -> dict[str, Shot]:
        """Every arm aims at the same time: nothing is timed yet."""
        noted = {arm.name: Transcript(heading=arm.name) for arm in self._arms}
        with ThreadPoolExecutor(len(sites)) as pool:
            begun = [
                pool.submit(self._claim.begin, arm, sites[arm.deployment.name], noted[arm.name])
                for arm in self._arms
            ]
        if launch == 0:
            self._transcript.lines += [line for one in noted.values() for line in one.lines]
        return {arm.name: shot.result() for arm, shot in zip(self._arms, begun, strict=True)}

    def _tell_block(self, launch: int, numbers: range, block: int) -> None:
        doing = f"block {block} of {self._plan.blocks}" if block else "starting"
        share = (launch - numbers.start + block / self._plan.blocks) / len(numbers)
        self._tell(f"launch {launch + 1} of {numbers.stop}, {doing}", share)

    def finished(self, interrupted: bool) -> Finished:
        measured = self._measured
        return Finished(
            self._claim, self._arms, self._verdict(interrupted), measured.samples, self._transcript,
            measured.noises, self._made_of, client_share=measured.client_share, interrupted=interrupted,
        )  # fmt: skip

    def _verdict(self, interrupted: bool) -> Verdict:
        if self._measured.launches < 2:
            return Verdict.skipped(INTERRUPTED)
        verdict = self._claim.judge(self._measured.samples)
        return replace(verdict, doubts=(*verdict.doubts, *self._doubts(interrupted)))

    def _doubts(self, interrupted: bool) -> list[str]:
        noises, doubts = self._measured.noises, [warm] if (warm := self._measured.warm) else []
        if self._plan.forked:
            doubts += [FORKED, _quick(self._plan)]
        if interrupted:
            doubts.append(
                f"Interrupted: {len(noises)} whole blocks of {self._measured.launches} launches were kept."
            )
        doubts += not_quiet(len(flagged(noises)) / len(noises))
        if self._measured.client_share > CLIENT_SHARE:
            doubts.append(
                f"The client used {self._measured.client_share:.0%} of a core; it may be what was measured."
            )
        return doubts


def _quick(plan: Plan) -> str:
    return (
        f"There were {plan.blocks} blocks a launch; a full run has {FULL.blocks}, and it alone compares two "
        "processes of the same settings."
    )
