"""What the cure for a leaked signing key costs: it is replaced, and all credentials are shown again."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import logged_in
from authcompare.experiments.credentials.signing import Token, write_key
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.scenes.leaked_keys import EVERYBODY, forged, signer_of

NOTICED_SECONDS, ASK_EVERY_SECONDS = 5, 0.1  # a server looks for its keys once a second
FORGED, ACCESS, REFRESH = "tokens made with the leaked key", "honest access tokens", "honest refresh tokens"
SESSIONS = "session cookies"
ACCEPTED = Outcome.ACCEPTED


@dataclass(frozen=True)
class Removed:
    """One kind of credential: how many of `of` were let in before the key was replaced, and after it."""

    what: str
    of: int
    before: int
    after: int
    odd: str = ""  # the first answer that was neither acceptance nor refusal


def why_unproved(removed: Sequence[Removed]) -> str:
    """Why nothing follows from what was let in after it; else empty."""
    if {FORGED, ACCESS, REFRESH, SESSIONS} - {one.what for one in removed}:
        return "No signing key was replaced."
    for one in removed:
        if one.odd:
            return f"{one.what}: {one.odd} is neither acceptance nor refusal."
        if one.before < one.of:
            return f"{one.what}: {one.before} of {one.of} were let in before the key was replaced."
    return ""


def unlike(one: Removed) -> str:
    """Where it did not do as the rule says, as a sentence; else empty."""
    if one.after == (one.of if one.what == SESSIONS else 0):
        return ""
    return f"Once the signing key was replaced, {one.after} of {one.of} {one.what} were let in."


def without_the_key(site: Site, transcript: Transcript) -> list[Removed]:
    """Everybody is logged in by token and by session, and a thief by tokens of his own making."""
    leaked, door = signer_of(site), site.doors[0]
    tokens, sessions = (
        [logged_in(scheme, door, name, site.password) for name in EVERYBODY]
        for scheme in ("token", "session")
    )
    read = [Token.read(client.access) for client in tokens]
    made = [forged(leaked, one, one.claims) for one in read]
    owner = tokens[0]
    owner.transcript = transcript
    ways: dict[str, Callable[[], list[Answer]]] = {
        FORGED: lambda: [owner.show(one, FORGED if one is made[0] else "") for one in made],
        ACCESS: lambda: [client.me("an honest user asks") for client in tokens],
        SESSIONS: lambda: [client.me() for client in sessions],
        REFRESH: lambda: [client.refresh(note="an honest user renews") for client in tokens],
    }
    before = {what: ask() for what, ask in ways.items()}
    _replace_the_key(leaked.algorithm, site, owner)
    return [_counted(what, before[what], ask()) for what, ask in ways.items()]


def _replace_the_key(algorithm: str, site: Site, owner: Any) -> None:
    """As after a leak: the new one signs at once, the old one is no longer there to verify with."""
    assert site.keys is not None
    old = [file for file in site.keys.iterdir() if file.suffix in (".pem", ".secret")]
    write_key(site.keys, int(time.time()), algorithm)
    for file in old:
        file.unlink()
    for _ in site.sweeps(time.monotonic(), NOTICED_SECONDS, ASK_EVERY_SECONDS):
        if outcome(owner.me(), "token") is not ACCEPTED:
            break
    new = logged_in("token", site.doors[0], site.username, site.password)
    if outcome(new.me(), "token") is not ACCEPTED:
        raise Broken("with its new key the server lets nobody in")


def _counted(what: str, before: Sequence[Answer], after: Sequence[Answer]) -> Removed:
    scheme = "session" if what == SESSIONS else "token"
    first, then = ([outcome(answer, scheme) for answer in answers] for answers in (before, after))
    odd = first_odd(before, first) or first_odd(after, then)
    return Removed(what, len(first), first.count(ACCEPTED), then.count(ACCEPTED), odd)
