"""Claims and servers that are not there, to test what runs them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from authcompare.experiments.claim import Arm, Claim, Probe
from authcompare.experiments.deployments.deployment import Deployment, Door, Site
from authcompare.experiments.exchanges.transcript import Line, Transcript
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.verdict import Kind, Verdict

ONE, OTHER = Deployment("one"), Deployment("other", {"TOKEN_CHECK": "none"})
NOBODY = Door("nobody.localhost", "127.0.0.1", 9)


@dataclass
class FakeFleet:
    """Writes down which deployments stand."""

    stop: Event = field(default_factory=Event)
    started: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    by_itself: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    nursery: str = "a nursery"

    def start(self, deployments: Sequence[Deployment], nursery: object = None) -> list[Site]:
        self.started += [one.name for one in deployments]
        self.standing += [one.name for one in deployments]
        self.by_itself += [one.name for one in deployments if nursery is None]
        return [self._site(one) for one in deployments]

    @contextmanager
    def launch(self, deployments: Sequence[Deployment]) -> Iterator[list[Site]]:
        self.log.append("launched")
        yield self.start(deployments, self.nursery)
        self.end()

    def settle(self) -> None:
        self.log.append("settled")

    def end(self) -> None:
        self.standing.clear()

    def _site(self, one: Deployment) -> Site:
        def end() -> None:
            self.standing.remove(one.name)

        return Site(one, (NOBODY,), "alice", "password", stop=self.stop, end=end)


@dataclass
class FakeConnection:
    """Writes down who was asked."""

    name: str
    log: list[str] = field(default_factory=list)
    status: int = 200

    def open(self) -> None: ...

    def exchange(self, request: bytes) -> Answer:
        self.log.append(self.name)
        return Answer(f"HTTP/1.1 {self.status} X".encode())


class Silent:
    """Says nothing."""

    def step(self, claim: Claim[Any], text: str, share: float) -> None: ...


class Fine(Probe[int]):
    """All is well."""

    row = "Fine"
    decides = ()

    def arms(self, quick: bool) -> list[Arm]:
        return [Arm("a", ONE, "session"), Arm("b", OTHER, "token")]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[int]:
        transcript.lines.append(Line("asks", "", ""))
        return [len(site.deployment.name)]

    def judge(self, samples: Mapping[str, Sequence[int]]) -> Verdict:
        return Verdict(Kind.HOLDS, str(dict(samples)))


class Does(Fine):
    """Something, with one arm on one deployment, under a name of its own."""

    def __init__(self, called: str, do: Callable[[Site], object], where: Deployment = ONE) -> None:
        self._called, self._do, self._where = called, do, where

    @property
    def name(self) -> str:
        return self._called

    def arms(self, quick: bool) -> list[Arm]:
        return [Arm("only", self._where, "session")]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[int]:
        self._do(site)
        return [1]


class DoesInBrowser(Does):
    """The same with a browser."""

    browser = True


class DoesPatiently(Does):
    """The same, and most of it is waiting."""

    waits = True


class DoesAlone(Does):
    """The same with the machine to itself."""

    alone = True
