"""What a client's step makes everybody do: requests, bytes on the wire, statements, processor time."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from authcompare.experiments.clients import CLIENTS, compose
from authcompare.experiments.deployments import cpu
from authcompare.experiments.deployments.deployment import Broken, Door, Site
from authcompare.experiments.exchanges.refusal import described
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection

TOLD = re.compile(r'(\w+);desc="(\d+)";dur=([\d.]+)')
WRITES = ("INSERT", "UPDATE", "DELETE")
DONE = {200, 204}


@dataclass(frozen=True)
class Used:
    """Of everything that is used up; `cpu` is milliseconds of processor time of servers and stores."""

    requests: float = 0.0
    bytes: float = 0.0
    sql: float = 0.0
    writes: float = 0.0
    redis: float = 0.0
    hashing: float = 0.0  # milliseconds of password hashing, on the clock
    cpu: float = 0.0

    def __add__(self, other: "Used") -> "Used":
        return Used(*(own + more for own, more in zip(self.amounts, other.amounts, strict=True)))

    def times(self, factor: float) -> "Used":
        """So many of it; fewer than none takes it away from something else."""
        return Used(*(own * factor for own in self.amounts))

    @property
    def amounts(self) -> tuple[float, ...]:
        """In the order of the fields."""
        return tuple(float(getattr(self, one.name)) for one in fields(self))


class Meter(Connection):
    """A connection that remembers what went over it."""

    seen: list[tuple[bytes, Answer]]

    def exchange(self, request: bytes) -> Answer:
        answer = super().exchange(request)
        self.seen.append((request, answer))
        return answer


class Metered:
    """A client of one instance, with nobody else on it."""

    def __init__(self, scheme: str, site: Site, door: Door, transcript: Transcript) -> None:
        self.client: Any = CLIENTS[scheme](door, transcript)
        self.client.connection = self._meter = Meter(door)
        self._processes = cpu.behind(site, door)

    def use(self, act: Callable[[Any], Answer], several: int = 1) -> Used:
        """What it takes to do this so often, as the mean of one. Raises Broken if it was not done."""
        self._meter.seen = []
        before = cpu.seconds(self._processes)
        for _ in range(several):
            answer = act(self.client)
            if answer.status not in DONE:
                raise Broken(f"A step of the cycle was answered {described(answer)}.")
        worked = (cpu.seconds(self._processes) - before) * 1000
        return self._used(worked).times(1 / several)

    def _used(self, worked: float) -> Used:
        sizes = [len(sent) + len(got.head) + 4 + len(got.body) for sent, got in self._meter.seen]
        return Used(requests=len(sizes), bytes=sum(sizes), cpu=worked)


class Counted(Metered):
    """The same where the instance counts (WIRE)."""

    def _used(self, worked: float) -> Used:
        answers = [answer for _, answer in self._meter.seen]
        told = [_told(answer) for answer in answers]
        return replace(
            super()._used(worked),
            sql=sum(one["sql"][0] for one in told),
            writes=self._writes({answer.header("x-request-id") for answer in answers}),
            redis=sum(one["redis"][0] for one in told),
            hashing=sum(one["password"][1] for one in told),
        )

    def _writes(self, requests: set[str]) -> int:
        """From what the deployment keeps of its last requests: statements that change something."""
        door = self._meter.door
        request = compose(door, "GET", "/wire/", {})
        kept = Connection(door).send(request).json.get("results", [])
        found = [one for one in kept if one["id"] in requests]
        if len(found) != len(requests):
            raise Broken(f"The deployment remembers {len(found)} of {len(requests)} requests.")
        return sum(part["what"].startswith(WRITES) for one in found for part in one["costs"]["sql"]["parts"])


def _told(answer: Answer) -> dict[str, tuple[int, float]]:
    """Count and milliseconds by kind, from `Server-Timing`."""
    found = TOLD.findall(answer.header("server-timing"))
    told = {name: (int(count), float(ms)) for name, count, ms in found}
    if not {"sql", "redis", "password"} <= told.keys():
        raise Broken("An answer does not tell what it cost.")
    return told
