"""A visit put together from its steps: login, requests, touches, renewals, logout. Pure.

What is repeated is the launch, a process of its own: an interval says what another start could have given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from authcompare.experiments.costs.metering import Used
from authcompare.experiments.estimates import Estimate, over_launches
from authcompare.experiments.promises import ACCESS_SECONDS

TOUCH_SECONDS = 60  # the product writes `last_seen_at` after a pause as long as that
LOGIN, FIRST, REQUEST, SINGLE, TOUCH, RENEWAL, LOGOUT = (
    "login",
    "first",
    "request, of several in a row",
    "request, by itself",
    "request after a pause",
    "renewal and request",
    "logout",
)
COUNTED = 0  # the launch that counts statements, which takes time of its own: it is not timed


@dataclass(frozen=True)
class Step:
    """What one step used, or one of several that were done in a row."""

    scheme: str
    kind: str
    launch: int
    used: Used


def typical(several: Sequence[Used]) -> Used:
    """The median of each amount."""
    return Used(*(median(amounts) for amounts in zip(*(used.amounts for used in several), strict=True)))


@dataclass(frozen=True)
class Costs:
    """One scheme: what was counted of each step, and its milliseconds of processors in each launch."""

    counted: Mapping[str, Used]
    launches: Sequence[Mapping[str, float]]
    n: Mapping[str, int]

    @classmethod
    def of(cls, steps: Sequence[Step], scheme: str) -> "Costs":
        """From the steps of both schemes."""
        found: dict[int, dict[str, list[Used]]] = {}
        for step in steps:
            if step.scheme == scheme:
                found.setdefault(step.launch, {}).setdefault(step.kind, []).append(step.used)
        counted = {kind: typical(several) for kind, several in found.pop(COUNTED).items()}
        launches = [
            {kind: median(used.cpu for used in several) for kind, several in found[launch].items()}
            for launch in sorted(found)
        ]
        return cls(
            counted, launches, {kind: sum(len(one[kind]) for one in found.values()) for kind in counted}
        )

    def step(self, kind: str) -> Estimate:
        """Milliseconds of processors."""
        return over_launches([[launch[kind]] for launch in self.launches])

    def after_login(self, requests: int, thinking: float) -> list[float]:
        """Milliseconds of processors of a visit, by launch, without the password hash that hides all else."""
        parts = self._parts(requests, thinking)
        return [sum(launch[kind] * times for kind, times in parts.items()) for launch in self.launches]

    def with_login(self, requests: int, thinking: float) -> list[float]:
        """The same from login to logout."""
        both = zip(self.launches, self.after_login(requests, thinking), strict=True)
        return [launch[LOGIN] + ms for launch, ms in both]

    def visit(self, requests: int, thinking: float) -> Estimate:
        """From login to logout, for each request."""
        return over_launches([[ms / requests] for ms in self.with_login(requests, thinking)])

    def used(self, requests: int, thinking: float) -> Used:
        """What was counted, for each request of a visit from login to logout."""
        parts = {LOGIN: 1, **self._parts(requests, thinking)}
        whole = sum((self.counted[kind].times(times) for kind, times in parts.items()), Used())
        return whole.times(1 / requests)

    def _parts(self, requests: int, thinking: float) -> dict[str, int]:
        """How often each step is done. What is done by itself costs more, so its like is taken off it."""
        later = requests - 1
        touches = min(later, int(later * thinking / TOUCH_SECONDS)) if self._is_touched else 0
        renewals = min(later, int(later * thinking / ACCESS_SECONDS)) if RENEWAL in self.counted else 0
        more = {TOUCH: touches, RENEWAL: renewals, SINGLE: -touches - renewals}
        return {FIRST: 1, REQUEST: later, **{kind: times for kind, times in more.items() if times}, LOGOUT: 1}

    @property
    def _is_touched(self) -> bool:
        """Whether a request after a pause asks a store for more than others do; else it costs nothing."""
        plain, later = self.counted[REQUEST], self.counted[TOUCH]
        return later.sql > plain.sql or later.redis > plain.redis


def difference(token: Costs, session: Costs, requests: int, thinking: float) -> Estimate:
    """How much more the token's visit uses after its login, as a share of the session's; by launch."""
    return _share(token.after_login(requests, thinking), session.after_login(requests, thinking))


def whole_difference(token: Costs, session: Costs, requests: int, thinking: float) -> Estimate:
    """The same from login to logout."""
    return _share(token.with_login(requests, thinking), session.with_login(requests, thinking))


def _share(ones: Sequence[float], others: Sequence[float]) -> Estimate:
    return over_launches([[one / other - 1] for one, other in zip(ones, others, strict=True)])
