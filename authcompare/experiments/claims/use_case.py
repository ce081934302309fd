"""Row "Use case": the same task by pages and by programs, and which requests can carry what."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from authcompare.experiments.browsing.carrying import BY_CODE, carry
from authcompare.experiments.browsing.chromium import lacking
from authcompare.experiments.browsing.claim import victim_arm
from authcompare.experiments.browsing.scene import Scene
from authcompare.experiments.claim import Arm, Probe
from authcompare.experiments.clients import SessionClient, TokenClient
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.deployments.standard import BY_CLAIMS
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.scenes.suitability import (
    ABLE,
    PLACES,
    UNABLE,
    Found,
    NoBrowser,
    Sample,
    decisions,
    programs,
    stopped,
)
from authcompare.experiments.scenes.tasks import (
    FORMS,
    JAR,
    NO_JAR,
    TOKEN_JAR,
    JarlessSession,
    TokenCookies,
    by_api,
    by_forms,
)
from authcompare.experiments.scenes.usage import bodies, complexity, pinned, restarts, second_service
from authcompare.experiments.verdict import Figure, Kind, Verdict

Visit = Callable[[Site, Transcript], Sequence[Sample]]

VISITS: dict[str, Visit] = {
    f"{FORMS}, sessions": lambda site, log: [by_forms("/sessions", "/sessions/", site, log)],
    f"{FORMS}, tokens": lambda site, log: [by_forms("/tokens", "/tokens/notes/", site, log)],
    f"{JAR}, sessions": lambda site, log: [by_api(JAR, SessionClient(site.doors[0]), site, log)],
    f"{TOKEN_JAR}, tokens": lambda site, log: [by_api(TOKEN_JAR, TokenCookies(site.doors[0]), site, log)],
    f"{NO_JAR}, sessions": lambda site, log: [by_api(NO_JAR, JarlessSession(site.doors[0]), site, log)],
    f"{NO_JAR}, tokens": lambda site, log: [by_api(NO_JAR, TokenClient(site.doors[0]), site, log)],
    "clients that restart": restarts,
    "transports of a token": pinned,
    "one resource, three mounts": bodies,
    "what each scheme is made of": complexity,
    "a second service, tokens": second_service,
}
PAGES = "requests of a page"
OF_THIS_PRODUCT = (
    "That tokens have no pages here, and that a login by session wants a CSRF cookie back, is this product's "
    "choice: a server may give token cookies to forms, or a session ID to a client without a jar."
)


class UseCase(Probe[Sample]):
    """Sessions fit web pages that people use by browser; tokens fit APIs, single-page and mobile apps."""

    row = "Use case"
    decides = ("C03", "C14", "C18", "C20", "C28", "C30", "C38", "C39", "C51", "C52")
    browser = True
    budget = (5, 6)

    def arms(self, quick: bool) -> list[Arm]:
        arms = [Arm(name, BY_CLAIMS, "token" if "tokens" in name else "session") for name in VISITS]
        if lacking():
            return [*arms, Arm(PAGES, BY_CLAIMS, "session")]
        return [*arms, *(victim_arm(f"{PAGES}, {place}", place) for place in PLACES)]

    def visit(self, arm: Arm, site: Site, transcript: Transcript) -> list[Sample]:
        if place := arm.parameters.get("place"):
            return list(carry(Scene(site, "product", transcript), place))
        if arm.name == PAGES:
            return [NoBrowser(lacking())]
        return list(VISITS[arm.name](site, transcript))

    def judge(self, samples: Mapping[str, Sequence[Sample]]) -> Verdict:
        found = Found(samples)
        if reason := _why_broken(found):
            return Verdict.broken(reason)
        figures = tuple(_figures(found))
        if wrong := list(_not_so(found)):
            return Verdict(Kind.REFUTED, wrong[0], figures=figures, doubts=tuple(wrong[1:]))
        return _depends(found, figures)


def _why_broken(found: Found) -> str:
    if missing := {*ABLE, *UNABLE} - found.tasks.keys():
        return f"Nobody tried: {', '.join(' at '.join(pair) for pair in sorted(missing))}."
    if not found.services or {"session", "token"} - (found.restarts.keys() & found.made_of.keys()):
        return "Not both schemes were restarted, taken apart and shown to a second service."
    jarless = [found.tasks[pair] for pair in ((NO_JAR, "/sessions"), (NO_JAR, "/tokens"))]
    if any(task.with_cookie for task in jarless):
        return "A client without a jar sent cookies, so it had one."
    if liar := next((task for task in found.tasks.values() if task.done and not task.witnessed), None):
        return f"{liar.client} at {liar.mount}: nobody else finds the note that it wrote."
    if odd := [one for one in found.pinned if one.outcome is Outcome.BROKEN]:
        return f"A token for the {odd[0].made_for} in the {odd[0].shown_in}: {odd[0].said}."
    if len(found.pinned) != 4 or {one.status for one in found.bodies} != {200}:
        return "Not every transport was tried, or not every mount answered 200."
    if any(one.without for one in found.restarts.values()):
        return "A client that had written down nothing was let in after its restart."
    return _unproved_pages(found)


def _unproved_pages(found: Found) -> str:
    if found.no_browser:
        return ""
    if {one.place for one in found.pages} != set(PLACES):
        return "No page was opened for some place of the credential."
    if lost := [one for one in found.pages if not one.arrived]:
        return f"{lost[0].place}: {lost[0].kind} never arrived, so nothing is known of what it carries."
    control = [one for one in found.pages if one.kind == BY_CODE and not one.carried]
    return f"{control[0].place}: not even the page's own code sent the credential." if control else ""


def _not_so(found: Found) -> Iterator[str]:
    for pair in ABLE:
        if not found.tasks[pair].done:
            yield f"{pair[0]} at {pair[1]}: the task could not be done: {found.tasks[pair].said}."
    for pair in UNABLE:
        if found.tasks[pair].done:
            yield f"{pair[0]} at {pair[1]}: the task could be done, which nobody should be able to."
    for one in found.restarts.values():
        if not one.went_on:
            yield f"{one.scheme}: after its restart the client had to log in again."
    yield from _carried_otherwise(found)


def _carried_otherwise(found: Found) -> Iterator[str]:
    """A cookie comes along with whatever the browser builds, what a page keeps in memory with nothing."""
    for place in PLACES:
        carried, built = found.carried(place)
        if carried != (built if place.cookies else 0):
            yield f"{place}: it came with {carried} of {built} kinds of request that a browser builds itself."


def _figures(found: Found) -> Iterator[Figure]:
    for (client, mount), task in found.tasks.items():
        note = f"kept: {', '.join(task.kept) or 'nothing'}" if task.done else f"not done: {task.said}"
        yield Figure(f"{client} at {mount}: requests for the task", task.requests, "", 1, note=note)
    for place in PLACES:
        carried, n = found.carried(place)
        if n:
            yield Figure(f"requests built by the browser that carried it, {place}", carried, f"of {n}", n)
    for one in found.restarts.values():
        yield Figure(f"{one.scheme}: kept over a restart", one.bytes, "bytes", 1, note=", ".join(one.kept))
    for part in found.made_of.values():
        counts = {
            "operations": part.operations,
            "settings that decide what is let in, or for how long": part.settings,
            "columns of its own": part.columns,
        }
        for what, names in counts.items():
            yield Figure(f"{part.scheme}: {what}", len(names), "", 1, note=", ".join(names))
        yield Figure(f"{part.scheme}: signing keys to look after", part.keys, "", 1)
    yield Figure(
        "bodies of one note through three mounts: different ones",
        len({one.digest for one in found.bodies}),
        "",
        len(found.bodies),
    )


def _depends(found: Found, figures: tuple[Figure, ...]) -> Verdict:
    by_pages, by_programs = found.tasks[FORMS, "/sessions"], found.tasks[NO_JAR, "/tokens"]
    doubts = tuple(one.reason for one in found.no_browser)
    return Verdict(
        Kind.DEPENDS,
        f"Pages alone did the task with a session in {by_pages.requests} requests; with tokens, for which "
        f"this product has no pages, they {stopped(found.tasks[FORMS, '/tokens'])}. Programs did it either "
        f"way: {programs(found)}.",
        rule="Where the browser builds the request (a link, a form, an image, a download), only a cookie "
        "comes along: a session, or a token in a cookie. Where a program builds it, either works with a "
        f"cookie jar; one without a jar did it by token only ({by_programs.requests} requests).",
        figures=figures,
        decisions=decisions(found),
        doubts=(
            *doubts,
            "No telephone took part: a mobile app is a program that starts anew here.",
            OF_THIS_PRODUCT,
        ),
    )
