"""Deployments that several claims ask for stand once, and only as long as one of them is still to come."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Lock

from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.live.fleet import Fleet


@dataclass
class _Shared:
    """One deployment and how many claims still want it."""

    deployment: Deployment
    wanted: int = 0
    site: Future[Site] | None = None


@dataclass
class Lent:
    """What one claim has while it runs; the sites come in the order and under the names asked for."""

    sites: list[Site] = field(default_factory=list)
    own: list[Site] = field(default_factory=list)
    shared: list[_Shared] = field(default_factory=list)


class Lending:
    """Used by several claims at the same time, each in a thread of its own."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._lock = Lock()
        self._shared: list[_Shared] = []

    def expect(self, deployments: Sequence[Deployment]) -> None:
        """One more claim will take these: they stand until it has given them back."""
        for deployment in deployments:
            if not deployment.exclusive:
                self._entry(deployment).wanted += 1

    def take(self, deployments: Sequence[Deployment]) -> Lent:
        """Start what does not run yet, and wait for what others have begun to start. Raises Broken."""
        lent = Lent()
        begun = [self._promise(one) for one in deployments if not one.exclusive]
        first = [entry for entry, starts in begun if starts]
        lent.shared = [entry for entry, _ in begun]
        try:
            started = self._start(first, [one for one in deployments if one.exclusive])
            lent.own = started[len(first) :]
            lent.sites = [self._site(one, lent) for one in deployments]
        except BaseException:
            self.give_back(lent)
            raise
        return lent

    def give_back(self, lent: Lent) -> None:
        """End what was this claim's own, and what nobody else is going to ask for."""
        for site in lent.own:
            site.end()
        for entry in lent.shared:
            with self._lock:
                entry.wanted -= 1
                over = entry.wanted <= 0
            if over and entry.site is not None:
                if not entry.site.exception():
                    entry.site.result().end()
                entry.site = None

    def _entry(self, deployment: Deployment) -> _Shared:
        with self._lock:
            found = next((one for one in self._shared if one.deployment.serves(deployment)), None)
            if found is None:
                found = _Shared(deployment)
                self._shared.append(found)
            return found

    def _promise(self, deployment: Deployment) -> tuple[_Shared, bool]:
        """The entry, and whether it falls to the caller to start it."""
        entry = self._entry(deployment)
        with self._lock:
            starts = entry.site is None
            if starts:
                entry.site = Future()
            return entry, starts

    def _start(self, first: Sequence[_Shared], own: Sequence[Deployment]) -> list[Site]:
        try:
            sites = self._fleet.start([*(entry.deployment for entry in first), *own], self._fleet.nursery)
        except BaseException as error:
            for entry in first:
                assert entry.site is not None
                entry.site.set_exception(error)
            raise
        for entry, site in zip(first, sites, strict=False):
            assert entry.site is not None
            entry.site.set_result(site)
        return sites

    def _site(self, deployment: Deployment, lent: Lent) -> Site:
        if deployment.exclusive:
            return next(site for site in lent.own if site.deployment == deployment)
        entry = next(entry for entry in lent.shared if entry.deployment.serves(deployment))
        assert entry.site is not None
        return replace(entry.site.result(), deployment=deployment)
