"""What was found about who can do what with which credential, and what that says about the common claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from authcompare.experiments.browsing.carrying import BY_CODE, Carrying
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.scenes.tasks import FORMS, JAR, NO_JAR, TOKEN_JAR, Task
from authcompare.experiments.scenes.usage import Body, Complexity, Pinned, Restart, SecondService
from authcompare.experiments.verdict import Decision, Kind

ABLE = ((FORMS, "/sessions"), (JAR, "/sessions"), (TOKEN_JAR, "/tokens"), (NO_JAR, "/tokens"))
UNABLE = ((FORMS, "/tokens"), (NO_JAR, "/sessions"))
PLACES = ("session", "token cookie", "memory")


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

    def carried(self, place: str) -> tuple[int, int]:
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


def _fared(task: Task) -> str:
    done = f"{task.requests} requests, {len(task.kept)} values kept"
    return f"{task.client} at {task.mount} {done if task.done else f'not done ({task.said})'}"


def _programs(found: Found) -> Decision:
    without = found.tasks[NO_JAR, "/sessions"]
    return Decision(
        Kind.DEPENDS,
        f"Near equal where a program keeps cookies: {programs(found)}. Without a jar only tokens did it; "
        f"/sessions: {without.said}.",
    )


def _sent_by_itself(found: Found) -> Decision:
    with_jar, without = found.tasks[JAR, "/sessions"], found.tasks[NO_JAR, "/sessions"]
    carried, built = found.carried("session")
    pages = f", and so did {carried} of {built} kinds of request that a browser builds" if built else ""
    return Decision(
        Kind.DEPENDS,
        f"With a jar {with_jar.with_cookie} of {with_jar.requests} requests carried it{pages}. Without one, "
        f"{without.with_cookie} of {without.requests}, and the task failed: {without.said}.",
    )


def _pages(found: Found) -> Decision:
    forms = found.tasks[FORMS, "/sessions"]
    return Decision(
        Kind.HOLDS,
        f"Login, note, logout by HTML forms alone, without a line of script: {forms.requests} requests. At "
        f"/tokens the same client stopped: {found.tasks[FORMS, '/tokens'].said}.",
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
    carried, built = found.carried("memory")
    if not built:
        return Decision(Kind.SKIPPED, found.no_browser[0].reason)
    return Decision(
        Kind.DEPENDS if carried < built else Kind.HOLDS,
        f"Only where code builds the request: fetch carried it; of {built} kinds that the browser builds "
        f"itself (link, form, image, download, EventSource, WebSocket, …) {carried} did.",
    )


def _simplicity(found: Found) -> Decision:
    session, token = found.made_of["session"], found.made_of["token"]
    pairs = {
        "endpoints": (token.operations, session.operations),
        "settings": (token.settings, session.settings),
        "columns of a row of its own": (token.columns, session.columns),
    }
    counts = {what: (len(one), len(other)) for what, (one, other) in pairs.items()}
    counts["signing keys"] = (token.keys, session.keys)
    simpler = [what for what, (one, other) in counts.items() if one < other]
    said = ", ".join(f"{one} {what} against {other}" for what, (one, other) in counts.items())
    rule = "Settings count that decide what is let in, or for how long."
    return Decision(Kind.DEPENDS if simpler else Kind.REFUTED, f"Tokens need {said}. {rule}")


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
        "An app that ends and starts again works the same either way: it has to have written down "
        f"{kept['token']} for tokens, {kept['session']} for a session.",
    )


def _advice(found: Found) -> Decision:
    carried, built = found.carried("memory")
    pages = f" (of {built} kinds of request that a browser builds, a token in memory was with {carried})"
    with_cookie, with_token = found.tasks[JAR, "/sessions"], found.tasks[TOKEN_JAR, "/tokens"]
    return Decision(
        Kind.DEPENDS,
        f"Server-rendered pages: sessions{pages if built else ''}. A program on the same site that keeps "
        f"cookies: either, {with_cookie.requests} requests by session, {with_token.requests} by token. One "
        "that keeps none: tokens.",
    )


def _the_same(found: Found) -> Decision:
    n = len(found.bodies)
    if not found.same_bytes:
        return Decision(Kind.REFUTED, f"The {n} mounts answered with different bodies.")
    size = found.bodies[0].bytes
    return Decision(Kind.HOLDS, f"Through {n} mounts the same resource came as the same {size} bytes.")
