"""Whether a browser keeps a cookie of a given size, or drops it in silence and goes on with the old one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.outsider import SEEN, SET_COOKIE, SMALL, Outsider
from authcompare.experiments.browsing.scene import new_cell
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.transcript import Line, Transcript

if TYPE_CHECKING:
    from playwright.sync_api import Page

GIVER = "giver.test"


@dataclass(frozen=True)
class Kept:
    """A cookie of `given` bytes, name and value together, after one of SMALL bytes under the same name.

    `sent` is the size of what the browser sent afterwards; 0 if it sent none.
    """

    given: int
    sent: int


def keep(sizes: Sequence[int], site: Site, transcript: Transcript) -> list[Kept]:
    """Give the browser a cookie of each size, and look what it comes back with. Raises Broken."""
    if site.world is None:
        raise Broken("A browser needs a deployment over TLS.")
    outsider: Outsider = site.world.outsider
    kept: list[Kept] = site.world.chromium.act(
        ThirdParty.BLOCKED,
        lambda context: [_keep(size, outsider, context.new_page()) for size in sizes],
        site.stop,
    )
    for one in kept:
        asked = f"GET {SEEN}\nCookie: {one.sent} bytes of name and value"
        transcript.keep(Line(f"a browser that was given {SMALL} bytes, then {one.given}", asked, "200"))
    return kept


def _keep(size: int, outsider: Outsider, page: "Page") -> Kept:
    origin, cell = outsider.origin(GIVER), new_cell()
    for given in (SMALL, size):
        page.goto(f"{origin}{SET_COOKIE}?bytes={given}")
    page.goto(f"{origin}{SEEN}?cell={cell}")
    (came,) = outsider.of_cell(cell)
    return Kept(size, len(came.cookie.replace("=", "", 1)))
