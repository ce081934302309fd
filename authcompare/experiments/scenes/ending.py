"""The ways in which a login is ended, and who takes part in ending it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from authcompare.experiments.claim import Arm
from authcompare.experiments.clients import Client, TokenClient, logged_in
from authcompare.experiments.credentials.signing import Token
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.scenes.administrator import Administrator
from authcompare.experiments.scenes.watching import Watch, Watchers, all_accepted

NEW_PASSWORD = "a new and long passphrase"
DONE = {200, 204, 302}  # what the doors for ending answer when they have done it
VICTIM, PARTNER, ADMINISTRATOR = "the victim", "the user's other device", "the administrator"
USERS = {"session": ("alice", "bob", "carol"), "token": ("dave", "erin", "frank")}
LATE_SECONDS = 0.3


@dataclass
class Stage:
    """A user on a device, which is the victim, whoever else it takes to end its login, somebody to watch."""

    site: Site
    scheme: str
    user: str
    partner: Any
    admin: Any
    watchers: Watchers
    transcript: Transcript
    victim: Any = None

    @classmethod
    def set(cls, cause: str, scheme: str, site: Site, transcript: Transcript) -> Self:
        """Everybody but the victim is logged in."""
        door, user, by = site.doors[0], USERS[scheme][CAUSES[cause].user], CAUSES[cause].by
        partner = logged_in(scheme, door, user, site.password, transcript) if by == PARTNER else None
        admin = Administrator(door, site.password, transcript) if by == ADMINISTRATOR else None
        return cls(site, scheme, user, partner, admin, Watchers(site), transcript)

    def log_in_victim(self) -> Any:
        """Last of all, for its token's clock is running; returns the copy that a thief has made of it."""
        door = self.site.doors[0]
        self.victim = logged_in(self.scheme, door, self.user, self.site.password, self.transcript)
        return self.victim.at(Connection(door))

    def freshen_partner(self) -> None:
        """The other device renews its token, as any client does before it has expired."""
        if isinstance(self.partner, TokenClient):
            self.partner.refresh()

    def me(self) -> dict[str, Any]:
        """What the server says about the victim."""
        return dict(self.victim.me().json)


@dataclass(frozen=True)
class Cause:
    """One way. `user` numbers the user it happens to: a changed password would end the others' logins too."""

    user: int
    by: str
    end: Callable[[Stage], Answer]


CAUSES = {
    "logout": Cause(0, VICTIM, lambda stage: stage.victim.logout()),
    "end from another device": Cause(0, PARTNER, lambda stage: stage.partner.end(stage.me()["login"])),
    "end by the administrator": Cause(
        0, ADMINISTRATOR, lambda stage: stage.admin.end(stage.scheme, stage.me()["login"])
    ),
    "password change": Cause(
        1, PARTNER, lambda stage: stage.partner.change_password(stage.site.password, NEW_PASSWORD)
    ),
    "deactivation": Cause(2, ADMINISTRATOR, lambda stage: stage.admin.deactivate(stage.me()["id"])),
}


@dataclass(frozen=True)
class Renewal:
    """What a refresh token was answered, and how that reads."""

    outcome: Outcome
    said: str


@dataclass(frozen=True)
class Ended:
    """One credential, one way to end its login. `left` is how long the credential itself had to live."""

    cause: str
    promised: float
    left: float | None
    controls: bool
    renewals: list[Renewal]
    watch: Watch

    @property
    def unproved(self) -> str:
        """Why nothing can be said, in words; else empty."""
        if not self.controls:
            return "a control was not accepted, so a refusal proves nothing"
        if poll := self.watch.broken:
            return f"{poll.said} after {poll.at:.2f} s is neither acceptance nor refusal"
        odd = [one.said for one in self.renewals if one.outcome is Outcome.BROKEN]
        return f"the refresh was answered {odd[0]}, which is neither acceptance nor refusal" if odd else ""

    @property
    def late(self) -> bool:
        """Whether it had expired by itself, or nearly, when a slow machine had ended its login."""
        return bool(self.promised) and (self.left or 0.0) < LATE_SECONDS

    @property
    def renewed(self) -> bool:
        """Whether the refresh token went on working."""
        return any(one.outcome is Outcome.ACCEPTED for one in self.renewals)


def left_out(several: Sequence[Ended]) -> list[str]:
    """What is to be said of those that were late, in a sentence; nothing if none was."""
    unchecked = [one for one in several if one.promised]
    late = sum(one.late for one in unchecked)
    words = "had expired before the machine, too busy, had ended their login; they are left out"
    return [f"{late} of {len(unchecked)} unchecked tokens {words}."] if late else []


def end_and_watch(cause: str, arm: Arm, stage: Stage) -> Ended:
    """Log the victim in, steal a copy, end the login, and show the copy to everybody."""
    site, watchers = stage.site, stage.watchers
    site.wait(_pause(cause, 0.3))
    thief = stage.log_in_victim()
    before = watchers.ask_all(thief, "control: accepted before the end")
    site.wait(_pause(cause, max(0, _promised(arm) - 1) / len(CAUSES) / 2))
    stage.freshen_partner()
    answer = CAUSES[cause].end(stage)
    began, left = time.monotonic(), _left(thief)
    if answer.status not in DONE:
        raise Broken(f"{cause}: the end itself was answered {described(answer)}")
    renewals: list[Renewal] = []
    seconds = max(arm.parameters["watch"], (left or 0) + 1 if _promised(arm) else 0)
    watch = watchers.watch(
        thief, began, seconds, arm.parameters["every"], lambda: renewals.extend(_renew(thief))
    )
    bystander = logged_in(arm.client, site.doors[0], "admin", site.password, stage.transcript)
    after = watchers.ask_all(bystander, "control: somebody else is accepted after")
    controls = all_accepted(before, arm.client) and all_accepted(after, arm.client)
    return Ended(cause, _promised(arm), left, controls, renewals, watch)


def _renew(thief: Client) -> list[Renewal]:
    """What its refresh token is answered now; nothing for a session, which has none."""
    if not isinstance(thief, TokenClient):
        return []
    answer = thief.at(thief.connection).refresh(note="refresh after the end")
    return [Renewal(outcome(answer, "token"), described(answer))]


def _pause(cause: str, each: float) -> float:
    """One after the other; so the tokens also have different times left when their logins end."""
    return each * list(CAUSES).index(cause)


def _promised(arm: Arm) -> float:
    return float(arm.guarantees.logout_seen) if arm.guarantees else 0.0


def _left(client: Client) -> float | None:
    if not isinstance(client, TokenClient):
        return None
    return Token.read(client.access).seconds_left
