"""A thief has copied a credential: what he can do as long as nothing is ended, and who notices."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.credentials.signing import Token
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.scenes.ending import USERS
from authcompare.experiments.scenes.watching import Watch, Watchers

GRACE_SECONDS = 1
PASSED_SECONDS = GRACE_SECONDS + 0.3  # when the token before the last is an old one
WATCHED_AFTER = 1.2
EVERY = 0.35
A, R = Outcome.ACCEPTED, Outcome.REFUSED


@dataclass(frozen=True)
class Copied:
    """A copy used while nothing is ended. `left`: seconds that it had to live when that began."""

    left: float
    watch: Watch

    @property
    def unproved(self) -> str:
        """Why nothing can be said, in words; else empty."""
        if poll := self.watch.broken:
            return f"{poll.said} is neither acceptance nor refusal"
        late = not self.watch.accepted and self.watch.resolution >= self.left
        return "the machine was too slow; the copy had expired before it was shown" if late else ""


@dataclass(frozen=True)
class Step:
    """Somebody refreshes or asks, and what should come of it."""

    who: str
    expected: Outcome
    outcome: Outcome
    said: str
    at: float  # seconds after the login


@dataclass(frozen=True)
class Theft:
    """One course of events around a copied refresh token."""

    course: str
    steps: tuple[Step, ...]

    @property
    def wrong(self) -> Step | None:
        """The first step that went otherwise than it should."""
        return next((step for step in self.steps if step.outcome is not step.expected), None)

    @property
    def odd(self) -> str:
        """The first answer that was neither acceptance nor refusal; empty without one."""
        if self.late:
            return f"a machine too slow for a grace of {GRACE_SECONDS} s"
        return next((step.said for step in self.steps if step.outcome is Outcome.BROKEN), "")

    @property
    def late(self) -> bool:
        """Whether a slow machine let the grace pass between two steps that belong into it."""
        return self._shown_late if self.course == OLDER else self._hurried_late

    @property
    def _shown_late(self) -> bool:
        """The older token is refused within the grace and after it: only the time tells which was tried."""
        in_time = PASSED_SECONDS + GRACE_SECONDS
        return any(thief.at - self.steps[0].at >= in_time for thief in self.steps[2:3])

    @property
    def _hurried_late(self) -> bool:
        wrong = self.wrong
        hurried = self.course in (THIEF_FIRST, GRACE) and wrong in self.steps[:2]
        return wrong is not None and hurried and wrong.expected is A and wrong.at >= GRACE_SECONDS

    @property
    def noticed_after(self) -> float | None:
        """When somebody was refused for the first time, in seconds after the login; None if nobody was."""
        return next((step.at for step in self.steps if step.outcome is R), None)


def used_by_thief(scheme: str, limit: float, site: Site, transcript: Transcript) -> Copied:
    """The victim does nothing; the thief shows his copy until it cannot work any more."""
    watchers, user = Watchers(site), USERS[scheme][0]
    victim = logged_in(scheme, site.doors[0], user, site.password, transcript)
    began, left = time.monotonic(), limit
    if isinstance(victim, TokenClient):
        left = Token.read(victim.access).seconds_left
    thief = victim.at(Connection(site.doors[0]))
    return Copied(left, watchers.watch(thief, began, limit + WATCHED_AFTER, EVERY, lambda: None))


@dataclass
class Scene:
    """Victim and thief with the same pair of tokens, and what they have done so far.

    `checked`: access tokens end with their login.
    """

    site: Site
    checked: bool
    victim: Any
    thief: Any
    began: float
    steps: list[Step]

    @classmethod
    def open(cls, course: str, checked: bool, site: Site, transcript: Transcript) -> "Scene":
        """Both with the pair of a fresh login, whose requests are noted under the course."""
        victim = logged_in("token", site.doors[0], USERS["token"][0], site.password, transcript.under(course))
        thief = victim.at(Connection(site.doors[0]))
        return cls(site, checked, victim, thief, time.monotonic(), [])

    def refresh(self, who: str, expected: Outcome, token: str = "") -> None:
        """With the refresh token that he has, or with the one given."""
        answer = getattr(self, who).refresh(token, note=f"the {who} refreshes")
        self._keep(f"{who} refreshes", expected, answer)

    def ask(self, who: str, expected: Outcome) -> None:
        """With the access token that he has."""
        self._keep(f"{who} asks", expected, getattr(self, who).me(f"the {who} asks"))

    def let_grace_pass(self) -> None:
        """The last rotation is no longer young."""
        self.site.wait(PASSED_SECONDS)

    def _keep(self, who: str, expected: Outcome, answer: Any) -> None:
        at = round(time.monotonic() - self.began, 3)
        self.steps.append(Step(who, expected, outcome(answer, "token"), described(answer), at))


def _thief_first(scene: Scene) -> None:
    scene.refresh("thief", A)
    scene.ask("thief", A)
    scene.let_grace_pass()
    scene.refresh("victim", R)
    scene.refresh("thief", R)
    if scene.checked:
        scene.ask("thief", R)


def _victim_first(scene: Scene) -> None:
    scene.refresh("victim", A)
    scene.let_grace_pass()
    scene.refresh("thief", R)
    scene.refresh("victim", R)
    if scene.checked:
        scene.ask("victim", R)


def _within_the_grace(scene: Scene) -> None:
    scene.refresh("victim", A)
    scene.refresh("thief", A)
    scene.let_grace_pass()
    scene.refresh("victim", A)
    scene.let_grace_pass()
    scene.refresh("thief", R)
    scene.refresh("victim", R)


def _older_than_the_last(scene: Scene) -> None:
    first = scene.victim.refresh_token
    scene.refresh("victim", A)
    scene.let_grace_pass()
    scene.refresh("victim", A)
    scene.refresh("thief", R, first)
    scene.refresh("victim", R)


def _alone(scene: Scene) -> None:
    """The victim never comes back: nothing tells the thief from him."""
    for _ in range(2):
        scene.refresh("thief", A)
        scene.let_grace_pass()
    scene.refresh("thief", A)
    scene.ask("thief", A)


THIEF_FIRST, VICTIM_FIRST = "the thief refreshes first", "the victim refreshes first"
ALONE = "the victim never comes back"
GRACE, OLDER = "the thief refreshes within the grace", "the token before the last, within the grace"
COURSES: Mapping[str, Callable[[Scene], None]] = {
    THIEF_FIRST: _thief_first,
    VICTIM_FIRST: _victim_first,
    GRACE: _within_the_grace,
    OLDER: _older_than_the_last,
    ALONE: _alone,
}


def thefts(checked: bool, site: Site, transcript: Transcript) -> list[Theft]:
    """Every course of events, all at the same time."""

    def play(course: str) -> Theft:
        scene = Scene.open(course, checked, site, transcript)
        COURSES[course](scene)
        return Theft(course, tuple(scene.steps))

    with ThreadPoolExecutor(len(COURSES)) as pool:
        return list(pool.map(play, COURSES))
