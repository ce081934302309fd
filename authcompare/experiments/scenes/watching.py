"""Show one credential to every worker, again and again, and keep what each of them said.

Only requests that begin after the watch begins count, so the watch is begun once the end's answer is in.
It goes on past the first refusal: a copy of an ended login may come back.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from authcompare.experiments.clients import Client
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.refusal import Outcome, first_odd, outcome
from authcompare.experiments.exchanges.wire import Answer, connections_to_every_worker


@dataclass(frozen=True)
class Poll:
    """One showing: seconds after the beginning of the watch, to which worker, and what came of it."""

    at: float
    worker: int
    outcome: Outcome
    said: str = ""  # the answer in words, where it was neither acceptance nor refusal

    @property
    def compact(self) -> list[object]:
        """A run keeps thousands of these."""
        return [self.at, self.worker, self.outcome.value, *([self.said] if self.said else [])]


@dataclass(frozen=True)
class Watch:
    """Every poll of one credential, in the order begun. `lasted`: seconds until the last answer was in."""

    polls: tuple[Poll, ...]
    lasted: float = 0.0

    @property
    def broken(self) -> Poll | None:
        """The first poll that was neither accepted nor refused."""
        return next((poll for poll in self.polls if poll.outcome is Outcome.BROKEN), None)

    @property
    def accepted(self) -> int:
        """How many were let in."""
        return sum(poll.outcome is Outcome.ACCEPTED for poll in self.polls)

    @property
    def last_accepted(self) -> float:
        """When it was let in for the last time, in seconds; before the beginning if it never was."""
        return max((poll.at for poll in self.polls if poll.outcome is Outcome.ACCEPTED), default=-math.inf)

    @property
    def dead_after(self) -> float | None:
        """From when on every worker refused, in seconds; None if somebody still let it in at the end."""
        if any(poll.outcome is Outcome.ACCEPTED for poll in {one.worker: one for one in self.polls}.values()):
            return None  # others may have been asked after it
        last = self.last_accepted
        return next((poll.at for poll in self.polls if poll.at > last), None)

    @property
    def died_about(self) -> float:
        """Halfway between the last acceptance and the refusal after it, in seconds."""
        last = max(self.last_accepted, 0.0)
        return (last + (self.dead_after or last)) / 2

    @property
    def came_back(self) -> bool:
        """Whether a worker let it in after that worker had refused it."""
        refused: set[int] = set()
        for poll in self.polls:
            if poll.outcome is Outcome.REFUSED:
                refused.add(poll.worker)
            elif poll.outcome is Outcome.ACCEPTED and poll.worker in refused:
                return True
        return False

    @property
    def all_asked_after(self) -> float:
        """When the last worker was asked for the first time, in seconds."""
        firsts: dict[int, float] = {}
        for poll in self.polls:
            firsts.setdefault(poll.worker, poll.at)
        return max(firsts.values())

    @property
    def resolution(self) -> float:
        """The longest time, in seconds, during which some worker was not asked, or had not answered."""
        gaps = [0.0]
        for worker in {poll.worker for poll in self.polls}:
            times = [0.0, *(poll.at for poll in self.polls if poll.worker == worker)]
            gaps += [after - before for before, after in pairwise([*times, max(times[-1], self.lasted)])]
        return max(gaps)


class Watchers:
    """A connection to every worker of every instance."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._connections = [one for door in site.doors for one in connections_to_every_worker(door)]

    def ask_all(self, client: Client, note: str = "") -> list[Answer]:
        """Each worker once, with the credential of this client."""
        notes = [note] + [""] * len(self._connections)
        return [
            client.at(one).show(client.credential, note)
            for one, note in zip(self._connections, notes, strict=False)
        ]

    def watch(
        self, client: Client, began: float, seconds: float, every: float, after_first: Callable[[], None]
    ) -> Watch:
        """Show the credential it has now, sweep after sweep, whatever the servers ask it to forget.

        `after_first` is called once every worker has been asked once.
        """
        polls: list[Poll] = []
        credential = client.credential
        for sweep in self._site.sweeps(began, seconds, every):
            for worker, connection in enumerate(self._connections):
                at = time.monotonic() - began
                note = "first showing after the end" if not polls else ""
                answer = client.at(connection).show(credential, note)
                polls.append(_poll(at, worker, answer, client.scheme))
            if sweep == 0:
                after_first()
        return Watch(tuple(polls), round(time.monotonic() - began, 4))


def _poll(at: float, worker: int, answer: Answer, scheme: str) -> Poll:
    result = outcome(answer, scheme)
    return Poll(round(at, 4), worker, result, first_odd([answer], [result]))


def all_accepted(answers: Sequence[Answer], scheme: str) -> bool:
    """Whether a control succeeded everywhere."""
    return all(outcome(answer, scheme) is Outcome.ACCEPTED for answer in answers)
