"""Every kind of request that a page can make, and with which of them the credential comes along."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.scene import Arrived, Scene, new_cell
from authcompare.experiments.deployments.deployment import Broken

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

PATIENCE_SECONDS = 3.0
LOOK_EVERY_MS = 50
BY_CODE = "fetch, its headers written by the page's code"
INSERT = "(a) => document.body.append(Object.assign(document.createElement('{tag}'), {members}))"
CLICK = "(a) => Object.assign(document.createElement('a'), {members}).click()"
KINDS = {
    "a link that is followed": CLICK.format(members="{ href: a, target: '_blank' }"),
    "a form that is sent": """(a) => {
        const how = { action: a, method: "POST", target: "_blank" };
        const form = Object.assign(document.createElement("form"), how);
        document.body.append(form);
        form.submit();
    }""",
    "a download": CLICK.format(members="{ href: a, download: 'file' }"),
    "an image": INSERT.format(tag="img", members="{ src: a }"),
    "a frame": INSERT.format(tag="iframe", members="{ src: a }"),
    "a style sheet": INSERT.format(tag="link", members="{ rel: 'stylesheet', href: a }"),
    "a script": INSERT.format(tag="script", members="{ src: a }"),
    "EventSource": "(a) => { new EventSource(a) }",
    "WebSocket": "(a) => { new WebSocket(a.replace('https:', 'wss:')) }",
    "sendBeacon": "(a) => { navigator.sendBeacon(a, '') }",
    BY_CODE: "(a) => { app.call('GET', a.slice(a.indexOf('/me/'))) }",
}


@dataclass(frozen=True)
class Carrying:
    """One kind of request from a page whose credential is kept in one place."""

    place: str
    kind: str
    arrived: bool
    carried: bool  # the credential was with it


def carry(scene: Scene, place: Place) -> list[Carrying]:
    """Log in on a page, make every kind of request there, and see what came with each. Raises Broken."""
    return scene.act(lambda context: _carry(scene, place, context))


def _carry(scene: Scene, place: Place, context: "BrowserContext") -> list[Carrying]:
    page = scene.enter(context.new_page(), place)
    if not scene.works(page, f"{place}: control"):
        raise Broken(f"{place}: the page's own credential is not accepted.")
    cells = {kind: new_cell() for kind in KINDS}
    for kind, script in KINDS.items():
        page.evaluate(script, f"{scene.origin}{place.mount}/me/?cell={cells[kind]}")
    seen = {kind: _wait_for(scene, page, cell, f"{place}: {kind}") for kind, cell in cells.items()}
    return [
        Carrying(place, kind, bool(came), any(one.carries(place) for one in came))
        for kind, came in seen.items()
    ]


def _wait_for(scene: Scene, page: "Page", cell: str, note: str) -> list[Arrived]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if scene.seen(cell):
            return scene.seen(cell, note)
        page.wait_for_timeout(LOOK_EVERY_MS)
    return []
