"""The conditions, and which of the timed arms stands for what under each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authcompare.experiments.claim import BlockValue
from authcompare.experiments.costs.timed_arms import ARMS, COMPARED, base

Samples = Mapping[str, Sequence[BlockValue]]

FEW, MANY, ASKED, BOUND = 10, 100_000, 1_000, 250
AGAIN = "sessions, database, again"  # nothing may differ between it and the arm that it repeats
TIMED = (*dict.fromkeys(base(arm) for arm in COMPARED), *COMPARED)
PROCESSES_OF = tuple(dict.fromkeys(ARMS[arm].process for arm in COMPARED))


@dataclass(frozen=True)
class Condition:
    """`note` says what is drawn and remembered. Arms that `like` has and this one has not do not differ."""

    name: str
    note: str
    like: str = ""

    def key(self, arm: str) -> str:
        """Under which the arm is kept among the samples of all conditions."""
        return f"{self.name}: {arm}"

    def of(self, samples: Samples) -> dict[str, Sequence[BlockValue]]:
        """What was measured of each arm under this condition, under the arms' own names."""
        found = {arm: samples.get(self.key(arm)) or samples.get(f"{self.like}: {arm}") for arm in ARMS}
        return {arm: values for arm, values in found.items() if values}


USUAL = Condition(f"{FEW} logins in the store", "drawn at random; every token is remembered")
HTTP2 = Condition("HTTP/2", "one login; from the second request on its credential is sent as a single byte")
NEW = Condition("a new connection for every request", f"{FEW} logins, drawn at random")
DRAWN = Condition(f"{ASKED:,} of {MANY:,} logins", "drawn at random; every token is remembered")
UNMET = Condition(
    f"each of {MANY:,} logins once", "drawn at random and never again: nothing is remembered", DRAWN.name
)
BOUNDED = Condition(
    f"{ASKED:,} logins, a memory for {BOUND} tokens",
    f"drawn at random; {100 * BOUND // ASKED} % of the tokens are remembered",
)
WORKERS = Condition(
    f"{ASKED:,} logins, four workers",
    "drawn at random and sent to each worker in turn; a worker has met 25 % of the tokens when it begins",
)
NEAR = Condition("stores 0 ms away", "behind the proxy that makes the distance, without a delay")
HALF = Condition("stores 0.5 ms away", "every round trip to Redis or PostgreSQL is delayed", NEAR.name)
FAR = Condition("stores 2 ms away", "every round trip to Redis or PostgreSQL is delayed", NEAR.name)
STARTED = Condition(
    "the first request after a start",
    "the worker has said that it is ready, and no more; the open views come first, and fetch their user then",
)
RESTARTED = Condition("the first request after a restart of the store", "of Redis, and of PostgreSQL")

CONDITIONS = (
    USUAL, DRAWN, UNMET, BOUNDED, WORKERS, NEW, HTTP2, NEAR, HALF, FAR, STARTED, RESTARTED,
)  # fmt: skip
DISTANCES = {NEAR: 0.0, HALF: 0.5, FAR: 2.0}  # milliseconds
