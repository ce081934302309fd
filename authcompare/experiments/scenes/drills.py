"""A store taken away and given back while people go on asking: what each was answered, and how late."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection

BEFORE, AWAY, AFTER = "before", "away", "after"
BEFORE_SECONDS, SETTLE_SECONDS = 0.3, 1.0
SLOWLY_SECONDS = 0.1  # between two showings of an ended login once everything is over
LOGIN_EVERY_SECONDS = 0.25
PATIENCE_SECONDS, LOOK_EVERY_SECONDS = 20, 0.02
CALLERS_AT_MOST = 12
LOGIN = "/tokens/login/"
NOUNS = {"session": "session", "token": "access token"}


@dataclass(frozen=True)
class Drill:
    """One accident: which store, and the names of the verbs that take it away and bring it back."""

    name: str
    store: str
    away: str
    back: str


@dataclass(frozen=True)
class Pace:
    """Seconds: how long the store is away, between two requests of a caller, and how long ended logins are
    watched after all is over."""

    away: float
    every: float
    linger: float


@dataclass(frozen=True)
class Felt:
    """What one caller was answered in one phase: how often what, and the longest wait.

    `accepted_until` is when the last accepted request of the phase began, in seconds into the phase;
    `accepted_from` when the first did.
    """

    drill: str
    caller: str
    phase: str
    answers: tuple[tuple[str, int], ...]
    accepted: int
    refused: int
    longest_ms: float
    seconds: float
    accepted_until: float
    last: Outcome
    accepted_from: float = 0.0

    @property
    def n(self) -> int:
        """How many requests."""
        return sum(count for _, count in self.answers)


@dataclass(frozen=True)
class Heard:
    """One answer: when its request began and how long it took, in seconds."""

    began: float
    took: float
    outcome: Outcome
    said: str


@dataclass
class Caller:
    """Somebody who asks again and again. `ended` callers show a credential whose login has been ended."""

    name: str
    scheme: str
    every: float
    ask: Callable[[str], Answer]
    ended: bool = False
    heard: list[Heard] = field(default_factory=list)

    def call(self, note: str = "") -> None:
        """Ask once and remember."""
        began = time.monotonic()
        answer = self.ask(note)
        took = time.monotonic() - began
        self.heard.append(Heard(began, took, outcome(answer, self.scheme), described(answer)))

    def felt(self, drill: str, phases: dict[str, tuple[float, float]]) -> list[Felt]:
        """By phase. What began before the accident and was answered after it belongs to the accident."""
        found = []
        for phase, (start, end) in phases.items():
            heard = [
                one
                for one in self.heard
                if (one.began + one.took if phase == BEFORE else one.began) < end
                and (one.began if phase != AWAY else one.began + one.took) >= start
            ]
            if heard:
                found.append(_felt(drill, self.name, phase, heard, start, end))
        return found


def _felt(drill: str, caller: str, phase: str, heard: Sequence[Heard], start: float, end: float) -> Felt:
    accepted = [one for one in heard if one.outcome is Outcome.ACCEPTED]
    return Felt(
        drill,
        caller,
        phase,
        tuple(Counter(one.said for one in heard).items()),
        len(accepted),
        sum(one.outcome is Outcome.REFUSED for one in heard),
        1000 * max(one.took for one in heard),
        end - start,
        max((one.began - start for one in accepted), default=0.0),
        heard[-1].outcome,
        min((one.began - start for one in accepted), default=0.0),
    )


class Accident:
    """One drill at one site."""

    def __init__(self, drill: Drill, site: Site, pace: Pace, transcript: Transcript) -> None:
        self.drill, self._site, self._pace = drill, site, pace
        self._transcript = transcript.under(drill.name)
        self._store: Any = getattr(site, drill.store)
        if self._store is None:
            raise Broken(f"{site.deployment.name} has no {drill.store} that could be taken away.")
        self._over, self._calm = Event(), Event()
        self._phase = BEFORE
        self._victims = [self._log_in("session", "alice"), self._log_in("token", "alice")]

    def felt(self) -> list[Felt]:
        """What everybody felt."""
        callers, start = self._callers(), time.monotonic()
        with ThreadPoolExecutor(CALLERS_AT_MOST) as pool:
            jobs = [pool.submit(self._go_on, caller) for caller in callers]
            try:
                self._wait_until_asked(callers)
                away, back = self._happen(lambda end: jobs.append(pool.submit(end, callers)))
            finally:
                self._over.set()
        for job in jobs:
            job.result()
        phases = {BEFORE: (start, away), AWAY: (away, back), AFTER: (back, time.monotonic())}
        return [one for caller in callers for one in caller.felt(self.drill.name, phases)]

    def _wait_until_asked(self, callers: Sequence[Caller]) -> None:
        """Nothing happens before everybody has had an answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(caller.heard for caller in callers):
            if time.monotonic() > deadline:
                raise Broken(f"{self.drill.name}: not everybody was answered within {PATIENCE_SECONDS} s")
            self._site.wait(LOOK_EVERY_SECONDS)

    def _happen(self, beside: Callable[[Callable[[list[Caller]], None]], None]) -> tuple[float, float]:
        """When the store went and when it was back. Asks nobody itself: who waits must not delay it."""
        self._site.wait(BEFORE_SECONDS)
        away, self._phase = time.monotonic(), AWAY
        getattr(self._store, self.drill.away)()
        if self.drill.store == "redis":
            for victim in self._victims:
                beside(partial(self._end_meanwhile, victim))
        self._site.wait(away + self._pace.away - time.monotonic())
        getattr(self._store, self.drill.back)()
        back, self._phase = time.monotonic(), AFTER
        self._site.wait(SETTLE_SECONDS)
        self._calm.set()
        self._site.wait(self._pace.linger)
        return away, back

    def _go_on(self, caller: Caller) -> None:
        """The first request of each phase goes into the transcript."""
        told = ""
        while not self._over.is_set() and (caller.ended or not self._calm.is_set()):
            phase = self._phase
            caller.call("" if phase == told else phase)
            told = phase
            self._over.wait(SLOWLY_SECONDS if self._calm.is_set() else caller.every)

    def _callers(self) -> list[Caller]:
        token: TokenClient = self._log_in("token", "alice")
        site, every = self._site, self._pace.every
        visitor = TokenClient(site.doors[0], self._transcript)
        known = {"username": "bob", "password": site.password}
        return [
            self._caller("session", self._log_in("session", "alice")),
            self._caller("session of staff", self._log_in("session", "admin")),
            self._caller("access token", self._log_in("token", "alice")),
            Caller("refresh token", "token", every, lambda note: token.refresh(note=note)),
            Caller(
                "login",
                "token",
                LOGIN_EVERY_SECONDS,
                lambda note: visitor.send("POST", LOGIN, {}, known, note),
            ),
            self._ended("session ended before", "session"),
            self._ended("token ended before", "token"),
        ]

    def _ended(self, name: str, scheme: str) -> Caller:
        """Where nobody checks access tokens it is the refresh token that ends."""
        client = self._log_in(scheme, "alice")
        caller = self._caller(name, client, ended=True)
        if scheme == "token" and self._site.deployment.environment["TOKEN_CHECK"] == "none":
            copy = client.at(Connection(self._site.doors[0]))
            caller.ask = lambda note: copy.refresh(note=note)
        client.at(Connection(self._site.doors[0])).logout()
        return caller

    def _end_meanwhile(self, victim: Any, callers: list[Caller]) -> None:
        """A login that has left a copy in Redis is ended while Redis cannot be told."""
        caller = self._caller(f"{NOUNS[victim.scheme]} ended meanwhile", victim, ended=True)
        answer = victim.at(Connection(self._site.doors[0])).logout()
        if answer.status in (200, 204):
            callers.append(caller)
            self._go_on(caller)

    def _caller(self, name: str, client: Any, ended: bool = False) -> Caller:
        """Shows the credential as it is now, on a connection of its own."""
        copy = client.at(Connection(self._site.doors[0]))
        return Caller(
            name, client.scheme, self._pace.every, lambda note: copy.show(copy.credential, note), ended
        )

    def _log_in(self, scheme: str, user: str) -> Any:
        client = logged_in(scheme, self._site.doors[0], user, self._site.password)
        client.me()  # leaves the copy that a session of an ordinary user has
        client.transcript = self._transcript
        return client
