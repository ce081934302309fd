"""Wrong credentials, each shown between two controls, to a deployment of the lab's or to one that runs."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.claim import Arm
from authcompare.experiments.clients import Client, SessionClient, logged_in
from authcompare.experiments.credentials.forgeries import (
    Genuine,
    public_key_forgeries,
    session_forgeries,
    signed_but_wrong,
    token_forgeries,
)
from authcompare.experiments.credentials.signing import Signer
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer

FORGED = "forged"  # nobody signed it, or nobody gave it out
SIGNED = "signed"  # really signed, with something else wrong
ENDED = "ended"  # really given out, but its login has ended
FIXED = "fixed"  # a key the client brought along to its login
GOOD = "good"  # the forger's own control: made by the same hand, nothing wrong
PROMISED = "as promised by {}"
UNTOLD = "by {}, which does not say what it promises"


@dataclass(frozen=True)
class Trial:
    """One credential shown between two controls. `waits` says why it may be let in for a while, if it may."""

    kind: str
    name: str
    before: Outcome
    outcome: Outcome
    after: Outcome
    said: str
    waits: str = ""


class Showing:
    """Shows one credential after the other, each between two controls."""

    def __init__(self, arm: Arm, site: Site, transcript: Transcript) -> None:
        self.arm, self.site, self.transcript = arm, site, transcript
        self.inside: list[Client] = []
        self.holder: Any = self.log_in()

    def log_in(self) -> Any:
        """A fresh login of the lab's user."""
        site = self.site
        client = logged_in(self.arm.client, site.doors[0], site.username, site.password, self.transcript)
        self.inside.append(client)
        return client

    def log_out(self) -> None:
        """Everybody; whose login has ended already is told so."""
        for client in self.inside:
            client.logout()

    def show(self, kind: str, name: str, credential: str, waits: str = "") -> Trial:
        """Ask who I am with this credential."""
        return self._between(kind, name, lambda: self.holder.show(credential, name), waits)

    def refresh_by_access(self, kind: str, name: str) -> Trial:
        """Try to refresh with the access token of another login: whoever believes it may end that login."""
        thief = self.log_in()
        return self._between(kind, name, lambda: thief.refresh(thief.access, name))

    def _between(self, kind: str, name: str, attempt: Callable[[], Answer], waits: str = "") -> Trial:
        before = outcome(self.holder.me(), self.arm.client)
        answer = attempt()
        after = outcome(self.holder.me(), self.arm.client)
        return Trial(kind, name, before, outcome(answer, self.arm.client), after, described(answer), waits)


def session_trials(showing: Showing) -> Iterator[Trial]:
    """Everything that is no session's key, or no longer, or not by the server's choice."""
    showing.holder.me("control: the real one")
    for name, key in session_forgeries(showing.holder.credential).items():
        yield showing.show(FORGED, name, key)
    yield showing.show(ENDED, "of a login that has ended", _ended_credential(showing))
    yield showing.show(FIXED, "brought along to a login (fixation)", _brought_along(showing))


def _brought_along(showing: Showing) -> str:
    """A key of the attacker's choice that a victim has carried through a login.

    It is put there when the form is open: the answer that brings the form makes the browser forget it.
    """
    planted, site = secrets.token_hex(16), showing.site
    victim = SessionClient(site.doors[0])
    victim.send("GET", "/sessions/login/", {})
    victim.jar[showing.holder.session_cookie] = planted
    showing.inside.append(victim)
    answer = victim.call("POST", "/login/", {"username": site.username, "password": site.password})
    if answer.status != 200:
        raise Broken(f"A browser with an unknown cookie cannot log in: {described(answer)}.")
    return planted


def token_trials(showing: Showing) -> Iterator[Trial]:
    """Everything that is no access token of this server; what is really signed needs the server's keys."""
    showing.holder.me("control: the real one")
    good = Genuine(showing.holder.access, showing.holder.refresh_token, _signer(showing))
    for name, token in token_forgeries(good).items():
        yield showing.show(FORGED, name, token)
    yield showing.refresh_by_access(FORGED, "the access token as a refresh token")
    if good.signer is not None:
        for name, token in public_key_forgeries(good).items():
            yield showing.show(FORGED, name, token)
        yield showing.show(GOOD, "signed by the lab with the real key, nothing wrong", good.resigned({}, {}))
        for name, token in signed_but_wrong(good).items():
            yield showing.show(SIGNED, name, token)
    yield showing.show(ENDED, "of a login that has ended", _ended_credential(showing), _may_wait(showing.arm))


def _may_wait(arm: Arm) -> str:
    if arm.guarantees is None:
        return UNTOLD
    return "" if arm.guarantees.ends_at_once else PROMISED


def _signer(showing: Showing) -> Signer | None:
    return Signer.of(showing.site.keys) if showing.site.keys else None


def _ended_credential(showing: Showing) -> str:
    other = showing.log_in()
    credential = str(other.credential)
    other.logout()
    return credential
