"""Somebody signs out everywhere else: what all the other logins of that user are answered then."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.scenes.ending import DONE
from authcompare.experiments.scenes.watching import Watchers, all_accepted

# Whose logins of this kind nobody else in the claim ends: those of the other kind are other logins.
USER = {"session": "dave", "token": "alice"}


@dataclass(frozen=True)
class SignedOut:
    """Logins of one user, all ended at once from one more: each was shown to every worker, before and after.

    `shown` counts showings after the end, refresh tokens included; `stayed` is the login that did it;
    `took` is how many seconds passed until it was told that the others had ended.
    """

    scheme: str
    logins: int
    before: bool
    shown: int
    accepted: int
    odd: str
    stayed: bool
    took: float

    @property
    def unproved(self) -> str:
        """Why nothing can be said, in words; else empty."""
        if self.odd:
            return f"{self.odd} is neither acceptance nor refusal"
        return "" if self.before and self.stayed else "a control was not accepted"


def sign_out_everywhere(scheme: str, logins: int, site: Site, transcript: Transcript) -> SignedOut:
    """Log in so often, end all of them from one more login, and show every one to everybody."""
    door, watchers = site.doors[0], Watchers(site)
    hands = Connection(door)
    others = [_logged_in(scheme, site, hands) for _ in range(logins)]
    before = [answer for one in others for answer in watchers.ask_all(one)]
    last = logged_in(scheme, door, USER[scheme], site.password, transcript)
    answer, took = _timed(last.end_others)
    if answer.status not in DONE:
        raise Broken(f"signing out everywhere was itself answered {described(answer)}")
    after = [answer for one in others for answer in watchers.ask_all(one)]
    after += [one.refresh() for one in others if isinstance(one, TokenClient)]
    outcomes = [outcome(answer, scheme) for answer in after]
    return SignedOut(
        scheme,
        logins,
        all_accepted(before, scheme),
        len(after),
        outcomes.count(Outcome.ACCEPTED),
        first_odd(after, outcomes),
        all_accepted(watchers.ask_all(last, "the login that ended the others"), scheme),
        took,
    )


def _logged_in(scheme: str, site: Site, hands: Connection) -> Any:
    """One more login, on a connection that it shares with the others: a worker takes only so many."""
    client = logged_in(scheme, site.doors[0], USER[scheme], site.password)
    client.connection.close()
    return client.at(hands)


def _timed(act: Callable[[], Answer]) -> tuple[Answer, float]:
    began = time.monotonic()
    answer = act()
    return answer, round(time.monotonic() - began, 4)
