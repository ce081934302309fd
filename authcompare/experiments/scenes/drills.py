"""A store taken away and given back while people go on asking: what each was answered, and how late."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.scenes.asking import AFTER, AWAY, BEFORE, Caller, Felt, Times

BEFORE_SECONDS, SETTLE_SECONDS = 0.3, 1.0
RECOVERY_SECONDS = 10  # after a store is back: who is not let in within that time has lost something
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
                times = self._happen(callers, start, lambda end: jobs.append(pool.submit(end, callers)))
            finally:
                self._over.set()
        for job in jobs:
            job.result()
        return [one for caller in callers for one in caller.felt(self.drill.name, times)]

    def _wait_until_asked(self, callers: Sequence[Caller]) -> None:
        """Nothing happens before everybody has had an answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(caller.heard for caller in callers):
            if time.monotonic() > deadline:
                raise Broken(f"{self.drill.name}: not everybody was answered within {PATIENCE_SECONDS} s")
            self._site.wait(LOOK_EVERY_SECONDS)

    def _happen(
        self,
        callers: Sequence[Caller],
        start: float,
        beside: Callable[[Callable[[list[Caller]], None]], None],
    ) -> Times:
        """When the store went and when it was back. Asks nobody itself: who waits must not delay it."""
        self._site.wait(BEFORE_SECONDS)
        going, gone = self._do(self.drill.away, AWAY)
        if self.drill.store == "redis":
            for victim in self._victims:
                beside(partial(self._end_meanwhile, victim))
        self._site.wait(self._pace.away)
        coming, back = self._do(self.drill.back, AFTER)
        self._wait_until_let_in([caller for caller in callers if not caller.ended], back)
        self._calm.set()
        self._site.wait(self._pace.linger)
        return Times(start, going, gone, coming, back, time.monotonic())

    def _do(self, verb: str, phase: str) -> tuple[float, float]:
        """When this began to happen to the store, and when it had."""
        began, self._phase = time.monotonic(), phase
        getattr(self._store, verb)()
        return began, time.monotonic()

    def _wait_until_let_in(self, living: Sequence[Caller], back: float) -> None:
        """Everybody whose login lives, once; or nobody waits any longer."""
        self._site.wait(SETTLE_SECONDS)
        deadline = back + RECOVERY_SECONDS
        while time.monotonic() < deadline and not all(one.let_in_since(back) for one in living):
            self._site.wait(LOOK_EVERY_SECONDS)

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
