"""What becomes of a login when the limits are changed while it lasts: an instance comes back under others."""

import time
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import logged_in
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.scenes.limits import ROUNDED

# The limits of instance 1 from now on; instance 0 goes on under the deployment's own.
LONGER = {
    "SESSION_IDLE_SECONDS": "10",
    "SESSION_ABSOLUTE_SECONDS": "30",
    "TOKEN_IDLE_SECONDS": "10",
    "TOKEN_ACCESS_SECONDS": "10",
}
USED_AFTER = 1.1  # a session writes down that it was used every tenth of its idle time, 1 s under LONGER
SILENT_AFTER = 0.6  # the short idle limit, and so for less than the long one
OLD, NEW = 0, 1
ABSOLUTE = "session: absolute limit extended"  # it is written down at login


@dataclass(frozen=True)
class Change:
    """One login that began under some limits and was used under others."""

    name: str
    expected: Outcome
    outcome: Outcome
    said: str

    @property
    def as_expected(self) -> bool:
        """Whether the change did to it what it should do."""
        return self.outcome is self.expected


@dataclass(frozen=True)
class _Case:
    """A login under the limits of one instance, for which those of the other are in force afterwards."""

    name: str
    scheme: str
    begins: int
    expected: Outcome
    renews: bool = False  # it is the refresh token that is used, and not the access token


CASES = (
    _Case("session: idle limit extended", "session", OLD, Outcome.ACCEPTED),
    _Case("session: idle limit shortened", "session", NEW, Outcome.REFUSED),
    _Case("access token: limit extended", "token", OLD, Outcome.REFUSED),
    _Case("access token: limit shortened", "token", NEW, Outcome.ACCEPTED),
    _Case("refresh token: idle limit extended", "token", OLD, Outcome.ACCEPTED, renews=True),
    _Case("refresh token: idle limit shortened", "token", NEW, Outcome.REFUSED, renews=True),
)


def changed_while_logged_in(site: Site, transcript: Transcript) -> list[Change]:
    """Restart instance 1 under LONGER, log in at one, go on at the other, be silent, and try again."""
    site.kill(NEW)
    site.restart(NEW, LONGER)
    began = time.monotonic()
    logins = [_log_in(case, site, transcript) for case in CASES]
    site.wait(USED_AFTER)  # after the last login, however long they took
    for case, login in zip(CASES, logins, strict=True):
        _use(case, login, "used under the other limits")
    _in_time(began, int(site.deployment.settings["TOKEN_IDLE_SECONDS"]))
    last = time.monotonic()
    site.wait(int(site.deployment.settings["SESSION_IDLE_SECONDS"]) + SILENT_AFTER)
    note = f"used again after {time.monotonic() - last:.1f} s"
    changes = [_judged(case, _use(case, login, note)) for case, login in zip(CASES, logins, strict=True)]
    _in_time(began, int(LONGER["TOKEN_ACCESS_SECONDS"]))
    site.wait(began + int(site.deployment.settings["SESSION_ABSOLUTE_SECONDS"]) + 0.3 - time.monotonic())
    late = _use(CASES[0], logins[0], "used again past the absolute limit it began under")
    return [*changes, Change(ABSOLUTE, Outcome.REFUSED, outcome(late, "session"), described(late))]


def _log_in(case: _Case, site: Site, transcript: Transcript) -> Any:
    """At the one instance; what it does from here on it does at the other."""
    door = site.doors[case.begins]
    client = logged_in(case.scheme, door, site.username, site.password, transcript.under(case.name))
    return client.at(Connection(site.doors[NEW if case.begins == OLD else OLD]))


def _in_time(began: float, limit: int) -> None:
    """What ends meanwhile by a limit that was not changed says nothing about the change. Raises Broken."""
    if (took := time.monotonic() - began) >= limit - ROUNDED:
        raise Broken(f"the machine was too slow: {took:.1f} s, where {limit - ROUNDED} s are the limit")


def _use(case: _Case, login: Any, note: str) -> Answer:
    answer: Answer = login.refresh(note=note) if case.renews else login.me(note)
    return answer


def _judged(case: _Case, answer: Answer) -> Change:
    return Change(case.name, case.expected, outcome(answer, case.scheme), described(answer))
