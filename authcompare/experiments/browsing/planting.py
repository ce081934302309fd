"""A sibling subdomain of the victim's: an attacker's page there sets cookies for the whole domain."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from authcompare.experiments.browsing.scene import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Read back, so that all of it is set before the next request of another page.
WRITE = "(pairs) => { for (const pair of pairs) document.cookie = pair; return document.cookie; }"


def sibling_of(scene: Scene) -> str:
    """The origin of the attacker's page."""
    return scene.outsider.origin(f"evil.{scene.host}")


def plant(pairs: Iterable[str], scene: Scene, page: "Page") -> None:
    """Set each `name=value`, on the path of the victim's own cookies. The page stands on the sibling."""
    page.evaluate(WRITE, [f"{pair}; Domain={scene.host}; Path=/; Secure" for pair in pairs])
