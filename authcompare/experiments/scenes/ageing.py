"""How old a login was when it was last let in, and when it was first refused.

By one clock only, the lab's: the server's may be wrong by hours without anything here changing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from authcompare.experiments.clients import Client, logged_in
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.refusal import Outcome, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer

Act = Callable[[Any, str], Answer]

# Seconds before and after a limit at which logins are tried, each of them once: a try may prolong it.
TRIED_AT = (-1.4, -0.9, -0.6, -0.3, -0.1, 0.1, 0.3, 0.6, 1.0, 1.5)
WATCHED_AFTER = 1.5


@dataclass(frozen=True)
class Showing:
    """One try: the login's age was between `least` and `most` seconds when the server judged it."""

    least: float
    most: float
    outcome: Outcome
    said: str = ""

    @property
    def compact(self) -> list[object]:
        """A run keeps hundreds of these."""
        said = [self.said] if self.said else []
        return [round(self.least, 3), round(self.most, 3), self.outcome.value, *said]


@dataclass(frozen=True)
class Limit:
    """One time-out, as it was configured and as it was met. Token times are whole seconds, rounded down.

    `silence`: so many seconds between two tries, and another limit ends it; 0 where none does.
    """

    kind: str
    configured: float
    whole_seconds: bool
    showings: tuple[Showing, ...]
    renewals: int = 0  # requests that the client had to send besides those that it wanted to send
    silence: float = 0.0

    @property
    def alive(self) -> float:
        """The age, in seconds, at which something was certainly still let in."""
        return max((one.least for one in self.showings if one.outcome is Outcome.ACCEPTED), default=0.0)

    @property
    def dead(self) -> float:
        """The age, in seconds, at which something was certainly refused; infinite if nothing was."""
        return min(
            (one.most for one in self.showings if one.outcome is Outcome.REFUSED), default=float("inf")
        )

    @property
    def observed(self) -> float:
        """Halfway between."""
        return (self.alive + self.dead) / 2

    @property
    def silent(self) -> float:
        """For how many seconds at most nothing had been tried when the first refusal came."""
        tries = list(pairwise(self.showings))
        return next((now.most - last.least for last, now in tries if now.outcome is Outcome.REFUSED), 0.0)

    @property
    def unproved(self) -> str:
        """Why nothing can be said, in words; else empty."""
        if odd := next((one for one in self.showings if one.outcome is Outcome.BROKEN), None):
            return f"{odd.said} at {odd.most:.2f} s is neither acceptance nor refusal"
        if not self.alive and self.dead >= self.configured - self.whole_seconds:
            return f"the machine was too slow; the first try came at {self.dead:.2f} s"
        if not self.alive:
            return "never let in, so its refusal proves nothing"
        if self.silence and self.silent >= self.silence:
            return f"the machine was too slow; {self.silent:.1f} s without a try end a login, too"
        return ""


@dataclass
class Aged:
    """A client, and between which two readings of the lab's clock its time began to run."""

    client: Any
    begun: float
    ended: float
    tries: list[Showing] = field(default_factory=list)

    @classmethod
    def new(cls, scheme: str, site: Site, transcript: Transcript) -> "Aged":
        """A fresh login."""
        begun = time.monotonic()
        client = logged_in(scheme, site.doors[0], site.username, site.password, transcript)
        return cls(client, begun, time.monotonic())

    def attempt(self, act: Act, note: str = "") -> Showing:
        """Do it now, and keep what came of it."""
        before = time.monotonic()
        answer = act(self.client, note)
        after = time.monotonic()
        result = outcome(answer, self.client.scheme)
        said = first_odd([answer], [result])
        self.tries.append(Showing(before - self.ended, after - self.begun, result, said))
        return self.tries[-1]


def ask(client: Client, note: str) -> Answer:
    """Show the credential as it is, whatever the server asks to forget."""
    return client.at(client.connection).me(note)


def renew(client: Any, note: str) -> Answer:
    """Change the refresh token for a new pair."""
    answer: Answer = client.refresh(note=note)
    return answer


class Staying:
    """What a client with renewal does: ask, and only if it is refused renew and ask again."""

    def __init__(self) -> None:
        self.renewals = 0

    def __call__(self, client: Any, note: str) -> Answer:
        answer = ask(client, note)
        if outcome(answer, client.scheme) is not Outcome.REFUSED:
            return answer
        if outcome(renew(client, "renews"), client.scheme) is not Outcome.ACCEPTED:
            return answer
        self.renewals += 1
        return ask(client, note)


def tried_around(
    limit: float, scheme: str, act: Act, site: Site, transcript: Transcript
) -> tuple[Showing, ...]:
    """As many logins as there are moments, each left alone until its moment.

    Whoever is tried last logs in first: so slow logins use up as little as they can of the shortest wait.
    """
    logins = [(Aged.new(scheme, site, transcript), offset) for offset in reversed(TRIED_AT)]
    logins.sort(key=lambda each: each[0].ended + each[1])
    for login, offset in logins:
        site.wait(login.ended + limit + offset - time.monotonic())
        side = "before" if offset < 0 else "after"
        login.attempt(act, f"unused until {abs(offset)} s {side} the limit of {limit:g} s")
    return tuple(showing for login, _ in logins for showing in login.tries)


def used_until(
    limit: float, every: float, logins: Sequence[Aged], act: Act, site: Site
) -> tuple[Showing, ...]:
    """Use them again and again, until well after the limit, also when they have been refused before."""
    for sweep in site.sweeps(time.monotonic(), limit + WATCHED_AFTER, every):
        for login in logins:
            first_refusal = bool(login.tries) and login.tries[-1].outcome is Outcome.ACCEPTED
            login.attempt(act, "" if sweep and not first_refusal else "used again and again")
    return tuple(showing for login in logins for showing in login.tries)
