"""A visit put together from its steps: login, requests, pauses, renewals, logout. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from authcompare.experiments.costs.metering import Used

TOUCH_SECONDS, LIFE_SECONDS = 60, 300  # the product's own: `last_seen_at` is written, an access token lives
LOGIN, FIRST, REQUEST, PAUSE, RENEWAL, LOGOUT = "login", "first", "request", "pause", "renewal", "logout"


@dataclass(frozen=True)
class Step:
    """What one step used, or one of several that were done in a row."""

    kind: str
    used: Used


def typical(several: Sequence[Used]) -> Used:
    """The median of each amount."""
    return Used(*(median(amounts) for amounts in zip(*(used.amounts for used in several), strict=True)))


@dataclass(frozen=True)
class Costs:
    """The median of each step, and how far apart batches of the same request were."""

    steps: Mapping[str, Used]
    spread: float
    n: Mapping[str, int]

    @classmethod
    def of(cls, several: Sequence[Step]) -> "Costs":
        """From all steps of one arm."""
        by_kind: dict[str, list[Used]] = {}
        for step in several:
            by_kind.setdefault(step.kind, []).append(step.used)
        batches = sorted(used.cpu for used in by_kind[REQUEST])
        middle = batches[len(batches) // 4 : len(batches) - len(batches) // 4]
        spread = (middle[-1] - middle[0]) / median(batches)
        steps = {kind: typical(used) for kind, used in by_kind.items()}
        return cls(steps, spread, {kind: len(used) for kind, used in by_kind.items()})

    def visit(self, requests: int, thinking: float) -> Used:
        """Login, so many requests with so many seconds between them, and logout."""
        return self.steps[LOGIN] + self.after_login(requests, thinking)

    def after_login(self, requests: int, thinking: float) -> Used:
        """The same without the login, whose password hash would hide everything else."""
        later = requests - 1
        touches = min(later, int(later * thinking / TOUCH_SECONDS))
        renewals = min(later, int(later * thinking / LIFE_SECONDS))
        used = self.steps[FIRST] + self.steps[REQUEST].times(later) + self.steps[PAUSE].times(touches)
        return used + self.steps.get(RENEWAL, Used()).times(renewals) + self.steps[LOGOUT]
