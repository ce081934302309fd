"""Requests in strict turn over all instances, one connection to each, as a proxy in front of them would.

In turn per request: a connection that is kept stays with its instance, and would make anything seem shared.
"""

from dataclasses import dataclass

from authcompare.experiments.clients import Client
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.wire import Answer, Connection


@dataclass(frozen=True)
class Share:
    """How one credential fared in turn over the instances.

    `accepted`, `refused` and `unreachable` are counted by instance; a request that met an instance which was
    not there went on to the next one, which counts it. `odd` is the first answer that was neither, in words.
    """

    name: str
    phase: str
    accepted: tuple[int, ...]
    refused: tuple[int, ...]
    unreachable: tuple[int, ...]
    odd: str

    @property
    def answered(self) -> int:
        """Requests that some instance accepted or refused."""
        return sum(self.accepted) + sum(self.refused)


class Turn:
    """A proxy for one deployment."""

    def __init__(self, site: Site) -> None:
        self._connections = [Connection(door) for door in site.doors]

    def share(self, name: str, phase: str, client: Client, requests: int) -> Share:
        """Show the client's credential so often."""
        tally = _Tally(len(self._connections))
        for number in range(requests):
            self._send(
                number, client, tally, f"{phase}, request {number + 1}" if _told(number, tally) else ""
            )
        counts = (tuple(tally.accepted), tuple(tally.refused), tuple(tally.unreachable))
        return Share(name, phase, *counts, tally.odd)

    def _send(self, number: int, client: Client, tally: "_Tally", note: str) -> None:
        places = [(number + step) % len(self._connections) for step in range(len(self._connections))]
        for place in places:
            answer = client.at(self._connections[place]).show(client.credential, note)
            if answer.status:
                tally.count(place, answer, client.scheme)
                return
            tally.unreachable[place] += 1
        tally.odd = tally.odd or "no instance answered"


class _Tally:
    """Counts by instance."""

    def __init__(self, instances: int) -> None:
        self.accepted, self.refused, self.unreachable = ([0] * instances for _ in range(3))
        self.odd = ""

    def count(self, place: int, answer: Answer, scheme: str) -> None:
        match outcome(answer, scheme):
            case Outcome.ACCEPTED:
                self.accepted[place] += 1
            case Outcome.REFUSED:
                self.refused[place] += 1
            case Outcome.BROKEN:
                self.odd = self.odd or f"instance {place}: {described(answer)}"


def _told(number: int, tally: _Tally) -> bool:
    """The first answer of each instance goes into the transcript."""
    return number < len(tally.accepted)
