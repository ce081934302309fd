"""Does a condition turn the order of the schemes? From samples to an answer for each condition. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from authcompare.experiments.bench.conditions.named import USUAL, Condition, Samples
from authcompare.experiments.bench.goal import Finding
from authcompare.experiments.costs import controls
from authcompare.experiments.costs.comparison import Contrast, Outcome, added, estimate
from authcompare.experiments.costs.controls import CONFIDENCE, DECIDED
from authcompare.experiments.costs.timed_arms import COMPARED, base
from authcompare.experiments.verdict import Figure

PAIRS = {
    "looked up in Redis": ("tokens, denylist", "sessions, cached"),
    "looked up in the database": ("tokens, database", "sessions, database"),
    "not looked up": ("tokens, none", "sessions, cached"),
}
OPPOSITE = {Outcome.FASTER, Outcome.SLOWER}


class Turn(StrEnum):
    """What a condition does to tokens and sessions; the words are completed with an order."""

    STAYS = "the order stays"
    TURNS = "the order turns where tokens are {pair}: {here} instead of {usual}"
    DIFFERS = "no turn, but {here} instead of {usual} where tokens are {pair}"
    UNKNOWN = "not decided where tokens are {pair}"


@dataclass(frozen=True, eq=False)
class Order:
    """Tokens minus sessions where tokens are treated as `pair` says, and what that comes to.

    `bias` is the most that was measured where nothing differs; where that was too much, nothing is `settled`.
    """

    pair: str
    contrast: Contrast
    limit: float
    bias: float
    settled: bool

    @property
    def outcome(self) -> Outcome:
        """By the threshold for what the two guarantee; at a small one, what the bias cannot turn."""
        if not self.settled:
            return Outcome.UNKNOWN
        return controls.unturned(self.contrast, self.limit, self.bias)

    @property
    def text(self) -> str:
        """For a sentence about tokens minus sessions."""
        return f"{self.pair}: {self.contrast.interval}, {self.outcome}"


def orders(samples: Samples, bias: float, settled: bool) -> list[Order]:
    """Of one condition, whose samples have the arms' own names."""
    found = controls.contrasts(samples, PAIRS, CONFIDENCE)
    return [Order(pair, one, controls.threshold(one, samples), bias, settled) for pair, one in found.items()]


def turn(usual: Outcome, here: Outcome) -> Turn:
    """Only what is decided on both sides can have turned, or stayed."""
    if not {usual, here} <= DECIDED:
        return Turn.UNKNOWN
    if usual is here:
        return Turn.STAYS
    return Turn.TURNS if {usual, here} == OPPOSITE else Turn.DIFFERS


def finding(condition: Condition, here: list[Order], usual: Mapping[str, Outcome]) -> Finding:
    """What the condition does to the order, and the three differences."""
    measured = "; ".join(order.text for order in here)
    said = "the usual case" if condition is USUAL else _summary(here, usual)
    return Finding(f"{condition.name}: {condition.note}", said, f"tokens minus sessions, {measured}")


def _summary(here: list[Order], usual: Mapping[str, Outcome]) -> str:
    turns = {order: turn(usual[order.pair], order.outcome) for order in here}
    if set(turns.values()) == {Turn.UNKNOWN}:
        return "not decided"
    told = [
        words.format(pair=order.pair, here=order.outcome, usual=usual[order.pair])
        for order, words in turns.items()
        if words is not Turn.STAYS
    ]
    return "; ".join(told) or Turn.STAYS


def figures(condition: Condition, samples: Samples) -> list[Figure]:
    """What each of the five adds to the open view of its process."""
    return [
        Figure.of(f"{condition.name}: {arm}", one, "ms", note="added")
        for arm in COMPARED
        if arm in samples
        for one in [estimate(added(samples, arm, base(arm)), CONFIDENCE)]
    ]
