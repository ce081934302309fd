"""What the trade-off curve is made of: what each store and check mode costs, and how late it lets go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authcompare.experiments.claim import Evidence
from authcompare.experiments.costs import controls
from authcompare.experiments.costs.comparison import Outcome, Samples, added, blocks, estimate
from authcompare.experiments.costs.controls import CONFIDENCE, contrasts
from authcompare.experiments.costs.timed_arms import ARMS, base
from authcompare.experiments.deployments.deployment import Broken, Skipped
from authcompare.experiments.estimates import Estimate, fit
from authcompare.experiments.scenes.ending import Ended
from authcompare.experiments.verdict import Kind

PRICED = (
    "sessions, database",
    "sessions, cached",
    "tokens, database",
    "tokens, denylist",
    "tokens, denylist, first sight",
    "tokens, none",
    "tokens, none, first sight",
)
SAVED = {
    "a remembered token": ("tokens, none", "sessions, cached"),
    "a token at first sight with ES256": ("tokens, none, first sight", "sessions, cached"),
    "a token at first sight with HS256": ("tokens, none, HS256, first sight", "sessions, cached"),
}


@dataclass(frozen=True)
class Price:
    """One point of the curve. `seconds` is how long an ended login went on working, or could."""

    arm: str
    cost: Estimate
    seconds: float
    seen: str
    at_once: bool  # nothing was let in after the end


@dataclass(frozen=True)
class Saved:
    """What an unchecked token saves against the session that ends at once and costs least."""

    where: str
    difference: Estimate
    outcome: Outcome


@dataclass(frozen=True)
class Work:
    """Processor time per request, in milliseconds, of the server and of the store it asks."""

    arm: str
    server: float
    redis: float
    n: int


def usable(evidence: Mapping[str, Evidence]) -> None:
    """Raises Broken or Skipped where what the curve is made of was not measured."""
    for name, one in evidence.items():
        if one.verdict.kind is Kind.SKIPPED:
            raise Skipped(f"{name} was skipped: {one.verdict.because}")
        if one.verdict.kind is Kind.BROKEN:
            raise Broken(f"{name} is broken, so nothing can be derived from it: {one.verdict.because}")


def prices(timed: Samples, ended: Mapping[str, Sequence[Ended]]) -> list[Price]:
    """Every point. Raises Broken for one that is missing: it must not be drawn at zero."""
    return [_price(arm, timed, ended) for arm in PRICED]


def savings(timed: Samples) -> list[Saved]:
    """Descriptive intervals, in the same blocks."""
    found = contrasts(timed, SAVED, CONFIDENCE)
    outcomes = controls.outcomes(found, timed)
    return [Saved(where, one.all_blocks, outcomes[where]) for where, one in found.items()]


def works(timed: Samples) -> list[Work]:
    """Of the arms that ask Redis."""
    asking = [
        arm
        for arm in PRICED
        if (promise := ARMS[arm].guarantees) and promise.redis and all(one.cpu for one in timed[arm])
    ]
    found = [
        Work(arm, _cpu(timed, arm, "server"), _cpu(timed, arm, "redis"), len(timed[arm])) for arm in asking
    ]
    return [one for one in found if one.redis > 0]


def _price(arm: str, timed: Samples, ended: Mapping[str, Sequence[Ended]]) -> Price:
    if not timed.get(arm) or not timed.get(base(arm)):
        raise Broken(f"What {arm} costs was not measured.")
    cost = estimate(added(timed, arm, base(arm)), CONFIDENCE)
    scheme_and_check = arm.removesuffix(", first sight")
    watched = [one for name, several in ended.items() if name.startswith(scheme_and_check) for one in several]
    if not watched:
        raise Broken(f"When {arm} lets go of an ended login was not measured.")
    promised = promised_seconds(arm)
    outlives = promised and any(one.watch.accepted for one in watched)
    return Price(arm, cost, *(_carried(watched, promised) if outlives else _checked(watched)))


def promised_seconds(arm: str) -> float:
    """How long an ended login may go on working at most."""
    promise = ARMS[arm].guarantees
    assert promise is not None
    return promise.logout_seen


def _checked(watched: Sequence[Ended]) -> tuple[float, str, bool]:
    """Of what is asked about every time; nothing is seen to take no time."""
    if not any(one.watch.accepted for one in watched):
        resolution = max(max(one.watch.resolution, one.watch.all_asked_after) for one in watched)
        return resolution, f"at most {resolution:.1f} s, which is how often each worker was asked", True
    longest = max(one.watch.dead_after or one.watch.polls[-1].at for one in watched)
    to_the_end = any(one.watch.dead_after is None for one in watched)
    return longest, f"{'more than ' if to_the_end else ''}{longest:.1f} s, against its promise", False


def _carried(watched: Sequence[Ended], promised: float) -> tuple[float, str, bool]:
    """Of what works until it expires: the setting of production, for it was seen with short lives only."""
    slope = fit([(one.left or 0.0, one.watch.died_about) for one in watched if not one.late]).slope
    seen = (
        f"up to {promised} s, the setting; with shorter lives it worked on for "
        f"{slope.text('.2f', ' s')} of each second that was left"
    )
    return promised, seen, False


def _cpu(timed: Samples, arm: str, part: str) -> float:
    return estimate(blocks(timed[arm], part), CONFIDENCE).value
