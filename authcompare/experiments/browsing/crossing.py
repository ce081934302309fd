"""A page of another origin asks the victim's API: what arrives, and what the page gets to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.outsider import SEEN, SET_COOKIE
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.scene import Scene, new_cell
from authcompare.experiments.browsing.variants import PARTNER

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

STRANGER, CONTROL = "stranger.test", "control.test"
ASK = """([address, credentials, headers]) => fetch(address, { credentials, headers })
    .then((answer) => answer.json()).then((me) => me.username ?? me.type ?? "", () => "")"""
VISIT = "(address) => fetch(address, { credentials: 'include' }).then(() => 0)"


class Origin(StrEnum):
    """Where the page stands, seen from the API."""

    SITE = "another site"
    SIBLING = "a sibling subdomain"
    PORT = "another port"
    STRANGER = "another site that CORS does not name"

    def name(self, host: str) -> str:  # type: ignore[override]
        """Of the page, to an API called `host`."""
        names = {Origin.SITE: PARTNER, Origin.SIBLING: f"shop.{host}", Origin.PORT: host}
        return names.get(self, STRANGER)


@dataclass(frozen=True)
class Crossing:
    """One request across origins. `methods` is what arrived; `status` that of the GET, 0 if there was none.

    `control` says whether a third party's cookie came back to it in the same browser.
    """

    variant: str
    third_party: str
    control: bool
    accepted: bool
    origin: str
    methods: tuple[str, ...]
    carried: bool
    status: int
    readable: bool
    build: str


def cross(
    place: Place, policy: ThirdParty, scenes: Sequence[Scene], origins: Sequence[Sequence[Origin]]
) -> list[Crossing]:
    """Log in on the API's own page, then ask from the origins; under each name from others. Raises Broken.

    All in one browser: the names are different sites, which share nothing.
    """

    def act(context: "BrowserContext") -> list[Crossing]:
        page = context.new_page()
        page.goto(f"{scenes[0].outsider.origin(CONTROL)}{SET_COOKIE}")
        return [
            crosser.one(origin)
            for scene, several in zip(scenes, origins, strict=True)
            for crosser in [Crosser(scene, place, policy, page)]
            for origin in several
        ]

    return scenes[0].act(act, policy)


class Crosser:
    """A login under one of the names, in a browser that has been given a cookie by somebody else."""

    def __init__(self, scene: Scene, place: Place, policy: ThirdParty, page: "Page") -> None:
        self.scene, self.place, self.policy, self.page = scene, place, policy, page
        scene.enter(self.page, place)
        self.accepted = scene.works(self.page, "control: first-party request")

    def one(self, origin: Origin) -> Crossing:
        """Ask who I am, with the credential of the scheme, from a page of that origin."""
        cell = new_cell()
        self.page.goto(self.scene.outsider.origin(origin.name(self.scene.host)))
        control = self._third_party_cookie_comes_back()
        # Storage is per origin: the other page has no token but of a login of its own, made beforehand.
        credentials, headers = ("include", {}) if self.place.cookies else ("omit", self.scene.bearer())
        address = f"{self.scene.origin}{self.place.mount}/me/?cell={cell}"
        read = self.page.evaluate(ASK, [address, credentials, headers])
        arrived = self.scene.seen(cell, f"from {origin}, third-party cookies {self.policy}")
        asked = [one for one in arrived if one.method == "GET"]
        return Crossing(
            self.scene.variant,
            str(self.policy),
            control,
            self.accepted,
            str(origin),
            tuple(one.method for one in arrived),
            any(one.carries(self.place) for one in asked),
            asked[-1].status if asked else 0,
            read == self.scene.site.username,
            self.scene.world.chromium.version(),
        )

    def _third_party_cookie_comes_back(self) -> bool:
        cell, outsider = new_cell(), self.scene.outsider
        self.page.evaluate(VISIT, f"{outsider.origin(CONTROL)}{SEEN}?cell={cell}")
        return any(one.cookie for one in outsider.of_cell(cell))
