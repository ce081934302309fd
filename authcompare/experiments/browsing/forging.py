"""Requests that a page of somebody else's makes the victim's browser send, and what becomes of them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.planting import plant, sibling_of
from authcompare.experiments.browsing.scene import Arrived, Scene, new_cell
from authcompare.experiments.browsing.variants import Layer
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

ATTACKER, STRANGER = "evil.test", "bob"
INVENTED = "x" * 32  # a CSRF token: Django takes any on which a cookie and the form's field agree
FIELD = ("csrfmiddlewaretoken", INVENTED)
CONTROL = "planted"
PLANTED = (f"{CONTROL}=1", f"csrftoken={INVENTED}", f"__Host-csrftoken={INVENTED}")
SUBMIT = """([action, enctype, fields]) => {
    const form = Object.assign(document.createElement("form"), { action, enctype, method: "POST" });
    for (const [name, value] of fields) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
}"""
FETCH = """([address, shape, fields]) => fetch(address, {
    method: "POST", credentials: "include", headers: { "Content-Type": shape.replace("fetch of ", "") },
    body: JSON.stringify(Object.fromEntries(fields)),
}).then(() => 0, () => 0)"""


class Relation(StrEnum):
    """Where the attacker's page stands, seen from the victim."""

    SITE = "another site"
    SIBLING = "a sibling subdomain"


class Shape(StrEnum):
    """As what the request goes out; a browser asks nobody before it sends one of the first four."""

    FORM = "application/x-www-form-urlencoded"
    MULTIPART = "multipart/form-data"
    TEXT = "text/plain"
    SIMPLE = "fetch of text/plain"
    FETCH = "fetch of application/json"


class Target(StrEnum):
    """What the attacker is after."""

    NOTE = "a new note"
    PAGE = "a new note, by the HTML form's address"
    REFRESH = "a renewal"
    LOGOUT = "a logout"
    LOGIN = "a login as somebody else"


LANDED, NO_CREDENTIAL, PREFLIGHT = "", "no credential was sent", "preflight"
UNSENT = {NO_CREDENTIAL, PREFLIGHT}  # of a header
NOTHING_CAME = {str(Layer.SAMESITE), NO_CREDENTIAL}  # nor would it from a victim who is logged in no more


@dataclass(frozen=True)
class Attempt:
    """One forged request."""

    variant: str
    target: Target
    relation: Relation
    shape: Shape = Shape.FORM


@dataclass(frozen=True)
class Forged:
    """What became of it. `stopped_by` is a layer, or why it is none; empty if it landed.

    `accepted`: the page's own request was, before all attempts, and after this one if nothing came with it.
    `planted`: another cookie came with it that a sibling had set beside a CSRF token of its own.
    """

    variant: str
    target: str
    relation: str
    shape: str
    accepted: bool
    planted: bool
    landed: bool
    stopped_by: str
    said: str


def forge(site: Site, place: Place, attempts: Sequence[Attempt], transcript: Transcript) -> list[Forged]:
    """Log in under each name when its turn comes, and let the attacker make each attempt. Raises Broken.

    All in one browser: the names are different sites, which share nothing. It lets cookies of third parties
    through, so that nothing but the layers is in the way.
    """
    scenes = {
        variant: Scene(site, variant, transcript.under(variant))
        for variant in dict.fromkeys(attempt.variant for attempt in attempts)
    }

    def act(context: "BrowserContext") -> list[Forged]:
        victim, notes = context.new_page(), next(iter(scenes.values()))
        attackers = {
            relation: context.new_page()
            for relation in dict.fromkeys(attempt.relation for attempt in attempts)
        }
        return [
            forger.one(attempt)
            for variant, scene in scenes.items()
            for forger in [Forger(scene, place, victim, attackers, notes)]
            for attempt in attempts
            if attempt.variant == variant
        ]

    return next(iter(scenes.values())).act(act, ThirdParty.ALLOWED)


class Forger:
    """A victim with a login under one of the names, and the attacker's pages in the same browser.

    `notes` is under any of the names: they are the same notes under all of them.
    """

    def __init__(
        self, scene: Scene, place: Place, victim: "Page", attackers: Mapping[Relation, "Page"], notes: Scene
    ) -> None:
        self.scene, self.place, self.notes = scene, place, notes
        self.victim, self.attackers = victim, attackers
        if place is Place.MEMORY:  # a cookie of the other scheme is there, too, and must not help
            scene.enter(victim, Place.SESSION)
        scene.enter(victim, place)
        self.accepted = scene.works(victim, "control: the page's own request")

    def one(self, attempt: Attempt) -> Forged:
        """Make the browser send it, wait until it has arrived, look what it did."""
        cell, attacker = new_cell(), self._attacker(attempt.relation)
        path, fields = self._wanted(attempt.target, cell)
        address = f"{self.scene.origin}{path}?cell={cell}"
        _send(attacker, attempt.shape, [address, str(attempt.shape), _encoded(attempt.shape, fields)])
        arrived = self.scene.seen(cell, f"{attempt.target} from {attempt.relation}")
        landed = self._landed(attempt.target, cell, arrived)
        stopped_by = LANDED if landed else reason_of(arrived, self.place.cookies)
        return Forged(
            attempt.variant,
            str(attempt.target),
            str(attempt.relation),
            str(attempt.shape),
            self.accepted and (stopped_by not in NOTHING_CAME or self.scene.works(self.victim)),
            any(CONTROL in one.cookies for one in arrived),
            landed,
            stopped_by,
            _in_short(arrived),
        )

    def _attacker(self, relation: Relation) -> "Page":
        """The page that stands there; a fetch leaves it where it is, a form takes it along."""
        near, page = relation is Relation.SIBLING, self.attackers[relation]
        address = f"{sibling_of(self.scene) if near else self.scene.outsider.origin(ATTACKER)}/"
        if page.url != address:
            page.goto(address)
            if near:
                plant(PLANTED, self.scene, page)
        return page

    def _wanted(self, target: Target, cell: str) -> tuple[str, list[tuple[str, str]]]:
        """Address and fields."""
        match target:
            case Target.NOTE:
                return f"{self.place.mount}/notes/", [FIELD, ("text", f"forged in {cell}")]
            case Target.PAGE:
                return f"{self.place.mount}/", [FIELD, ("text", f"forged in {cell}")]
            case Target.LOGIN:
                known = [("username", STRANGER), ("password", self.scene.site.password)]
                return f"{self.place.mount}/login/", [FIELD, *known, ("transport", "cookie")]
            case Target.REFRESH | Target.LOGOUT:
                return f"{self.place.mount}/{'refresh' if target is Target.REFRESH else 'logout'}/", []

    def _landed(self, target: Target, cell: str, arrived: Sequence[Arrived]) -> bool:
        """By what the server has now, or what the browser was given."""
        match target:
            case Target.NOTE | Target.PAGE:
                return self.notes.has_note(f"forged in {cell}")
            case Target.LOGOUT:  # the victim's page has not moved; cookies are all it needs
                return self.accepted and not self.scene.works(self.victim)
            case Target.LOGIN | Target.REFRESH:
                return any(self.place.cookies & set(one.gave) for one in arrived)


def _send(attacker: "Page", shape: Shape, request: list[Any]) -> None:
    if shape in (Shape.SIMPLE, Shape.FETCH):
        attacker.evaluate(FETCH, request)
        return
    with attacker.expect_navigation(wait_until="commit"):
        attacker.evaluate(SUBMIT, request)


def reason_of(arrived: Sequence[Arrived], own: Collection[str]) -> str:
    """The layer that stopped it, by what was sent and what the server gave as its reason.

    `own` are the cookies that carry the credential; a browser that kept them back has stopped it.
    """
    sent = [one for one in arrived if one.method == "POST"]
    if not sent:
        return PREFLIGHT if arrived else "nothing arrived"
    last = sent[-1]
    if last.status == 415:
        return str(Layer.JSON)
    if last.status == 403 and "CSRF check failed" in last.said:
        return _half(last.said)
    if last.status in (400, 401) and not set(own) & set(last.cookies):
        return str(Layer.SAMESITE) if own else NO_CREDENTIAL
    return f"answered {last.status}"


def _half(said: str) -> str:
    """Which half of Django's check, or the lab's own, by the reason it gives."""
    if "Sec-Fetch-Site" in said:
        return str(Layer.FETCH_SITE)
    return str(Layer.ORIGIN) if "Origin checking" in said or "Referer checking" in said else str(Layer.TOKEN)


def _encoded(shape: Shape, fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """As text/plain a form sends `name=value`; cut in the middle of a string, that is JSON."""
    if shape is not Shape.TEXT:
        return fields
    start = json.dumps(dict(fields))[:-1]
    return [(f'{start}, "cut": "', '"}')]


def _in_short(arrived: Sequence[Arrived]) -> str:
    return ", ".join(f"{one.method} {one.status}" for one in arrived)
