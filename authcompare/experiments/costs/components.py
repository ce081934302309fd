"""A request taken apart: what each arm does more than another, block by block. Pure.

Nothing is measured inside the servers. Each part is the difference of arms that differ in just that part, so
it holds all of it: the statement, what Django makes of it, and the way there and back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median

from authcompare.experiments.claim import PARTS
from authcompare.experiments.costs.comparison import Blocks, Samples, added, blocks, difference, estimate
from authcompare.experiments.costs.controls import CONFIDENCE
from authcompare.experiments.costs.timed_arms import ARMS, base
from authcompare.experiments.estimates import Estimate, by_launch, over_launches

REST, OWN, REDIS, ROW, USER, SIGNATURE = (
    "the rest: framework, view, network",
    "reading the credential",
    "look-up in Redis",
    "look-up in the database, user included",
    "user query",
    "signature check",
)
ASSUMED = (
    "It is assumed that to look up a session's copy in Redis takes what to look up a token's mark takes: "
    "both are one round trip. But a token's answer is waited for, while a session's is under way as the "
    "request finds its view: on the clock the share of Redis is the most it can be. In processor time "
    "nothing is waited for. Unpacking the copy counts as reading the credential."
)
FRESH, KNOWN, HS256 = "tokens, none, first sight", "tokens, none", "tokens, none, HS256, first sight"


@dataclass(frozen=True)
class Part:
    """One part of one arm's request, in milliseconds and as a share of the whole request."""

    arm: str
    part: str
    cost: Estimate
    share: float


def parts(samples: Samples) -> list[Part]:
    """Every part of every arm that can be told apart."""
    return [
        Part(arm, name, cost, cost.value / whole)
        for arm, pieces in _pieces(samples).items()
        for whole in [estimate(blocks(samples[arm]), CONFIDENCE).value]
        for name, cost in [(name, estimate(piece, CONFIDENCE)) for name, piece in pieces.items()]
    ]


def of(found: list[Part], part: str, arm: str) -> Estimate:
    """One of them."""
    return next(one.cost for one in found if (one.arm, one.part) == (arm, part))


def share_of_added(samples: Samples, part: str, arm: str) -> Estimate:
    """What part of all that the arm adds to an open request this is; launch by launch."""
    return _share(_pieces(samples)[arm][part], added(samples, arm, base(arm)))


def share_of_work(samples: Samples) -> Estimate:
    """What part of the processor time that a session with a copy adds, Redis included, is its look-up."""
    mark = difference(_work(samples, "tokens, denylist"), _work(samples, KNOWN))
    return _share(mark, _work(samples, "sessions, cached"))


def _work(samples: Samples, arm: str) -> Blocks:
    """Processor time that the arm adds, of all that work for it."""
    several = [added(samples, arm, base(arm), part) for part in PARTS]
    return {place: sum(one[place] for one in several) for place in several[0]}


def _share(piece: Blocks, whole: Blocks) -> Estimate:
    pairs = zip(by_launch(piece), by_launch(whole), strict=True)
    shares = [[median(some) / median(every)] for some, every in pairs]
    return replace(over_launches(shares), blocks=len(whole))


def _pieces(samples: Samples) -> Mapping[str, Mapping[str, Blocks]]:
    more = {
        arm: added(samples, arm, base(arm))
        for arm, one in ARMS.items()
        if one.guarantees and samples.get(arm)
    }
    token, mark = more[KNOWN], difference(more["tokens, denylist"], more[KNOWN])
    # ASSUMED, above: a session's copy comes in one round trip as a token's mark does, and costs the same.
    session = difference(more["sessions, cached"], mark)
    pieces = {
        KNOWN: {OWN: token},
        FRESH: {OWN: token, SIGNATURE: difference(more[FRESH], token)},
        HS256: {OWN: token, SIGNATURE: difference(more[HS256], token)},
        "tokens, denylist": {OWN: token, REDIS: mark},
        "tokens, database": {OWN: token, ROW: difference(more["tokens, database"], token)},
        "sessions, cached": {OWN: session, REDIS: mark},
        "sessions, database": {OWN: session, ROW: difference(more["sessions, database"], session)},
        "sessions, memory": {OWN: session, USER: difference(more["sessions, memory"], session)},
    }
    return {arm: {REST: blocks(samples[base(arm)]), **own} for arm, own in pieces.items()}
