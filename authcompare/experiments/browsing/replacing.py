"""A login of the attacker's in the place of the victim's: tossed by a sibling, or put there by a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from authcompare.experiments.browsing.forging import STRANGER
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.planting import WRITE, plant, sibling_of
from authcompare.experiments.browsing.scene import Arrived, Scene, new_cell
from authcompare.experiments.clients import SessionClient, TokenClient
from authcompare.experiments.deployments.deployment import Broken

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

# Of the credential's name, whatever its prefix.
ENDINGS = {Place.SESSION: "sessionid", Place.TOKEN_COOKIE: "access"}
JUNK, JUNK_PATH = 400, "/junk/"  # more than a browser keeps of one site; no other request carries them
NO_SCRIPTS_NAME = "__Host-Http-sessionid"
VISIT = "(address) => fetch(address).then(() => 0)"
WHO = """(path) => app.call("GET", path)
    .then((answer) => answer.ok ? answer.json() : {}).then((me) => me.username ?? "")"""


class Whose(StrEnum):
    """Whose login the server takes a request for."""

    VICTIM = "the victim"
    ATTACKER = "the attacker"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Tossed:
    """A sibling has set a cookie for the whole domain, under the credential's name and on its path.

    `control` says whether another cookie that it set came to the server, `copies` how many of the
    credential's name came, `before` and `after` whose login the server saw.
    """

    variant: str
    name: str
    before: Whose
    control: bool
    copies: int
    after: Whose


@dataclass(frozen=True)
class Evicted:
    """A script has set a cookie under the credential's name, then JUNK others, then that one again.

    Whose login the server saw `before` all this and after each: `overwritten`, `emptied`, `after`. `junk`
    came to the server. Names of cookies: `lost` came no more after it; `taken` are those under which the
    script's own came in the end, `refused` those under which it never came.
    """

    variant: str
    name: str
    before: Whose
    overwritten: Whose
    junk: int
    lost: tuple[str, ...]
    emptied: Whose
    taken: tuple[str, ...]
    refused: tuple[str, ...]
    after: Whose


def toss(scenes: Sequence[Scene], place: Place) -> list[Tossed]:
    """Under each name log in, let a sibling set its cookies, ask again whose login it is. Raises Broken.

    All in one browser: the names are different sites, which share nothing.
    """

    def act(context: "BrowserContext") -> list[Tossed]:
        victim, sibling = context.new_page(), context.new_page()
        return [_toss(scene, place, victim, sibling) for scene in scenes]

    return scenes[0].act(act)


def _toss(scene: Scene, place: Place, victim: "Page", sibling: "Page") -> Tossed:
    scene.enter(victim, place)
    before, came = whose(scene, victim, "control: whose login it is")
    name, control = credential_in(came, place), f"tossed-{new_cell()}"
    sibling.goto(sibling_of(scene))
    plant([f"{control}=1", f"{name}={attackers(scene, place)}"], scene, sibling)
    after, came = whose(scene, victim, "whose login it is after a sibling tossed one")
    return Tossed(scene.variant, name, before, control in came.cookies, came.cookies.count(name), after)


def evict(scene: Scene) -> Evicted:
    """Log in with a session, let a script on the page write cookies, ask whose login it is. Raises Broken."""
    return scene.act(lambda context: _evict(scene, context))


def _evict(scene: Scene, context: "BrowserContext") -> Evicted:
    page, own = scene.enter(context.new_page(), Place.SESSION), attackers(scene, Place.SESSION)
    before, first = whose(scene, page, "control: whose login it is")
    name = credential_in(first, Place.SESSION)
    forced = [f"{one}={own}; Path=/; Secure" for one in (name, NO_SCRIPTS_NAME)]
    overwritten, _ = _written(forced, scene, page, "a script wrote over the cookie")
    junk = [f"junk{number}=1; Path={JUNK_PATH}; Secure" for number in range(JUNK)]
    emptied, left = _written(junk, scene, page, f"{JUNK} junk cookies")
    after, last = _written(forced, scene, page, "the script set its own")
    wanted, came = {name, NO_SCRIPTS_NAME}, set(last.cookies)
    return Evicted(
        scene.variant,
        name,
        before,
        overwritten,
        _junk(scene, page),
        _sorted(set(first.cookies) - set(left.cookies)),
        emptied,
        _sorted(wanted & came - set(left.cookies)),
        _sorted(wanted - came),
        after,
    )


def _written(pairs: list[str], scene: Scene, page: "Page", what: str) -> tuple[Whose, Arrived]:
    page.evaluate(WRITE, pairs)
    return whose(scene, page, f"whose login it is after {what}")


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _junk(scene: Scene, page: "Page") -> int:
    """How much of it the browser kept."""
    cell = new_cell()
    page.evaluate(VISIT, f"{scene.origin}{JUNK_PATH}?cell={cell}")
    return sum(name.startswith("junk") for one in scene.seen(cell) for name in one.cookies)


def whose(scene: Scene, page: "Page", note: str) -> tuple[Whose, Arrived]:
    """For whom the page's next request is taken, and what came with it. Raises Broken."""
    cell = new_cell()
    name = page.evaluate(WHO, f"/me/?cell={cell}")
    if not (arrived := scene.seen(cell, note)):
        raise Broken("Asked whose login it is, nothing arrived at the server.")
    came = arrived[-1]
    victim, attacker, nobody = (200, scene.site.username), (200, STRANGER), (401, "")
    known = {victim: Whose.VICTIM, attacker: Whose.ATTACKER, nobody: Whose.NOBODY}
    if (came.status, name) not in known:
        raise Broken(f"Asked whose login it is, the server answered {came.status} {name}.")
    return known[came.status, name], came


def credential_in(came: Arrived, place: Place) -> str:
    """The name of the cookie that carries the credential, as it is served here; empty if none came."""
    return next((name for name in came.cookies if name.endswith(ENDINGS[place])), "")


def attackers(scene: Scene, place: Place) -> str:
    """What a browser of the attacker's has in that cookie after a login. Raises Broken."""
    known = {"username": STRANGER, "password": scene.site.password}
    answer = (
        SessionClient(scene.door).login(*known.values())
        if place is Place.SESSION
        else TokenClient(scene.door).send("POST", "/tokens/login/", {}, {**known, "transport": "cookie"})
    )
    found = [value for name, value in answer.cookies.items() if name.endswith(ENDINGS[place])]
    if answer.status != 200 or not found:
        raise Broken(f"The attacker's own login was answered {answer.status}.")
    return found[0]
