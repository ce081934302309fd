"""What was found about who can do what with which credential, and what that says about the common claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from authcompare.experiments.browsing.carrying import BY_CODE, Carrying
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.scenes.tasks import FORMS, JAR, NO_JAR, TOKEN_JAR, Task
from authcompare.experiments.scenes.usage import Body, Complexity, Pinned, Restart, SecondService
from authcompare.experiments.verdict import Decision, Kind

ABLE = ((FORMS, "/sessions"), (JAR, "/sessions"), (TOKEN_JAR, "/tokens"), (NO_JAR, "/tokens"))
UNABLE = ((FORMS, "/tokens"), (NO_JAR, "/sessions"))
PLACES = (Place.SESSION, Place.TOKEN_COOKIE, Place.MEMORY)
# What a token needs only because its login is tracked: renewed, listed, ended.
TRACKING = {
    "/tokens/refresh/",
    "/tokens/logout/",
    "token_check",
    "token_idle_seconds",
    "token_absolute_seconds",
    "token_refresh_grace_seconds",
}


@dataclass(frozen=True)
class NoBrowser:
    """Why no page was opened."""

    reason: str


Sample = Task | Restart | Pinned | Body | Complexity | SecondService | Carrying | NoBrowser
One = TypeVar("One", Task, Restart, Pinned, Body, Complexity, SecondService, Carrying, NoBrowser)


class Found:
    """All samples, by what they are about."""

    def __init__(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        self._all = [one for several in samples.values() for one in several]
        self.tasks = {(one.client, one.mount): one for one in self.of(Task)}
        self.restarts = {one.scheme: one for one in self.of(Restart)}
        self.made_of = {one.scheme: one for one in self.of(Complexity)}
        self.pinned, self.bodies = self.of(Pinned), self.of(Body)
        self.pages = self.of(Carrying)
        self.services = self.of(SecondService)
        self.no_browser = self.of(NoBrowser)

    def of(self, kind: type[One]) -> list[One]:
        """Those of one kind."""
        return [one for one in self._all if isinstance(one, kind)]

    def carried(self, place: Place) -> tuple[int, int]:
        """With how many kinds of request that a browser builds itself the credential came, of how many."""
        built = [one for one in self.pages if one.place == place and one.kind != BY_CODE]
        return sum(one.carried for one in built), len(built)

    @property
    def same_bytes(self) -> bool:
        """Whether every mount answered with the same body."""
        return len({one.digest for one in self.bodies}) == 1


def decisions(found: Found) -> dict[str, Decision]:
    """Each with the figures that decide it."""
    return {
        "C03": _sent_by_itself(found),
        "C14": _pages(found),
        "C18": _transports(found),
        "C20": _in_the_header(found),
        "C28": _programs(found),
        "C30": _simplicity(found),
        "C38": _services(found),
        "C39": _restarted(found),
        "C51": _advice(found),
        "C52": _the_same(found),
    }


def programs(found: Found) -> str:
    """How programs fared, in words: requests for the same task, and what was kept meanwhile."""
    tried = [(JAR, "/sessions"), (TOKEN_JAR, "/tokens"), (NO_JAR, "/tokens")]
    return "; ".join(_fared(found.tasks[pair]) for pair in tried)


def stopped(task: Task) -> str:
    """How a task ended that was not done, in words."""
    return f"stopped: {task.said}"


def _fared(task: Task) -> str:
    done = f"{task.requests} requests, {len(task.kept)} values kept"
    return f"{task.client} at {task.mount} {done if task.done else f'not done ({task.said})'}"


def _programs(found: Found) -> Decision:
    without = found.tasks[NO_JAR, "/sessions"]
    return Decision(
        Kind.DEPENDS,
        f"Near equal where a program keeps cookies: {programs(found)}. One that keeps tokens but no cookies "
        f"did it by token only; at /sessions it {stopped(without)}.",
    )


def _sent_by_itself(found: Found) -> Decision:
    with_jar, without = found.tasks[JAR, "/sessions"], found.tasks[NO_JAR, "/sessions"]
    carried, built = found.carried(Place.SESSION)
    pages = f", and so did {carried} of {built} kinds of request that a browser builds" if built else ""
    return Decision(
        Kind.DEPENDS,
        f"A client that keeps cookies sends them to the site that gave them: {with_jar.with_cookie} of "
        f"{with_jar.requests} requests carried some, the first being made before there were any{pages}. One "
        f"that keeps none sent {without.with_cookie} in {without.requests} requests, and {stopped(without)}. "
        "Whether a page of another site can make the browser send them is for SameSite: see the rows on "
        "forgery and cross-domain use.",
    )


def _pages(found: Found) -> Decision:
    forms, without = found.tasks[FORMS, "/sessions"], found.tasks[FORMS, "/tokens"]
    return Decision(
        Kind.HOLDS,
        f"Login, note, logout by HTML forms alone, without a line of script: {forms.requests} requests. At "
        f"/tokens, where this product has no pages, the same client {stopped(without)}.",
    )


def _transports(found: Found) -> Decision:
    own = [one for one in found.pinned if one.made_for == one.shown_in]
    crossed = [one for one in found.pinned if one.made_for != one.shown_in]
    let_in = sum(one.outcome is Outcome.ACCEPTED for one in own)
    refused = sum(one.outcome is Outcome.REFUSED for one in crossed)
    both = let_in == len(own) and refused == len(crossed)
    return Decision(
        Kind.HOLDS if both else Kind.REFUTED,
        f"In the body for the header, or as a cookie: {let_in} of {len(own)} accepted; shown by the other "
        f"way {refused} of {len(crossed)} refused.",
    )


def _in_the_header(found: Found) -> Decision:
    carried, built = found.carried(Place.MEMORY)
    if not built:
        return Decision(Kind.SKIPPED, found.no_browser[0].reason)
    return Decision(
        Kind.DEPENDS,
        f"Only where code builds the request: fetch carried it; of {built} kinds that the browser builds "
        f"itself (link, form, image, download, EventSource, WebSocket, …) {carried} did.",
    )


def _simplicity(found: Found) -> Decision:
    session, token = found.made_of["session"], found.made_of["token"]
    tracked, untracked = _against(token, session), _against(_tracking_nothing(token), session)
    simpler = any(one < other for one, other in (*tracked.values(), *untracked.values()))
    return Decision(
        Kind.DEPENDS if simpler else Kind.REFUTED,
        f"Counted for tokens that can be renewed and ended, against sessions: {_in_words(tracked)}. For "
        f"tokens that track nothing, and so are neither renewed nor ended: {_in_words(untracked)}; this "
        "product has no such tokens, so that is the same count without what renewal and ends need. Settings "
        "count that decide what is let in, or for how long.",
    )


def _tracking_nothing(token: Complexity) -> Complexity:
    """What is left without renewal and ends: a signed token that expires, and no row."""
    return replace(
        token,
        operations=tuple(name for name in token.operations if name not in TRACKING),
        settings=tuple(name for name in token.settings if name not in TRACKING),
        columns=(),
    )


def _against(one: Complexity, other: Complexity) -> dict[str, tuple[int, int]]:
    pairs = {
        "endpoints": (one.operations, other.operations),
        "settings": (one.settings, other.settings),
        "columns of a login's row that the other scheme's lacks": (one.columns, other.columns),
    }
    counts = {what: (len(mine), len(theirs)) for what, (mine, theirs) in pairs.items()}
    return {**counts, "signing keys": (one.keys, other.keys)}


def _in_words(counts: Mapping[str, tuple[int, int]]) -> str:
    return ", ".join(f"{what} {one} against {other}" for what, (one, other) in counts.items())


def _services(found: Found) -> Decision:
    verified = sum(one.verified and one.refused_altered for one in found.services)
    told, n = sum(one.told for one in found.services), len(found.services)
    with_cookie, with_token = found.tasks[JAR, "/sessions"], found.tasks[TOKEN_JAR, "/tokens"]
    return Decision(
        Kind.DEPENDS if verified else Kind.REFUTED,
        f"Where other services take part: {verified} of {n} verified a token and refused an altered one, "
        f"with the public key alone; whose a session's cookie is, {told} of {n} learned by asking its "
        f"server. With one back end either: {with_cookie.requests} requests by session, "
        f"{with_token.requests} by token.",
    )


def _restarted(found: Found) -> Decision:
    kept = {scheme: f"{', '.join(one.kept)} ({one.bytes} bytes)" for scheme, one in found.restarts.items()}
    return Decision(
        Kind.DEPENDS,
        "It depends on what the app writes down, not on the scheme. Ended and started again, it went on with "
        f"{kept['token']} for tokens and with {kept['session']} for a session; with nothing written down it "
        "had to log in again under either.",
    )


def _advice(found: Found) -> Decision:
    (by_memory, built), (by_cookie, _) = found.carried(Place.MEMORY), found.carried(Place.TOKEN_COOKIE)
    pages = f" (of {built} kinds of request that a browser builds, {by_cookie} carried a token in a cookie, "
    pages += f"and {by_memory} one that the page kept in memory)"
    with_cookie, with_token = found.tasks[JAR, "/sessions"], found.tasks[TOKEN_JAR, "/tokens"]
    return Decision(
        Kind.DEPENDS,
        f"Server-rendered pages: a cookie, as sessions have{pages if built else ''}. A program on the same "
        f"site that keeps cookies: either, {with_cookie.requests} requests by session, {with_token.requests} "
        "by token. One that keeps none, or several services that check by themselves: tokens. Pages of "
        "another site: see the row on cross-domain use.",
    )


def _the_same(found: Found) -> Decision:
    if not found.same_bytes:
        return Decision(Kind.REFUTED, f"The {len(found.bodies)} mounts answered with different bodies.")
    session, token = (", ".join(found.made_of[scheme].columns) for scheme in ("session", "token"))
    return Decision(
        Kind.HOLDS,
        f"By session, by token, and at /open, which asks nobody, the same resource came as the same "
        f"{found.bodies[0].bytes} bytes. What differs is kept: of a login's row only a session's has "
        f"{session}, only a token's {token}.",
    )
