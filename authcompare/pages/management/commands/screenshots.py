"""Take the pictures of the README from a demo that runs, so that they show what is."""

import base64
import os
import tempfile
import urllib.request
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authcompare.experiments.browsing.chromium import Chromium, ThirdParty, lacking
from authcompare.experiments.deployments.deployment import Broken

if TYPE_CHECKING:  # the demo does without a browser
    from playwright.sync_api import BrowserContext, FloatRect, Locator, Page

SHOTS = Path(__file__).parents[2] / "static" / "authcompare" / "shots"
WIDTH, HEIGHT = 1280, 800
QUALITY = 75  # of WebP, 0 to 100: text stays sharp
MAX_BYTES = 160_000  # a README is read over slow lines too
PATIENCE_SECONDS = 5
USERNAME = "alice"
BELOW = "What the client holds now"  # the picture ends above it
LET_IN = {1: "Logged in.", 3: "Let in."}  # what both columns say after these steps


class Command(BaseCommand):
    """Overwrites what was taken before. `manage.py compare` has to have drawn the curve."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where `manage.py demo` serves")
        parser.add_argument("--into", type=Path, default=SHOTS, help="a directory (default: the README's)")

    def handle(self, *args: Any, url: str, into: Path, **options: Any) -> None:
        url, password = url.rstrip("/"), demo_password()
        refuse_silence(url)
        refuse_without_browser()
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as profile, closing(Chromium(Path(profile))) as chromium:
            try:
                chromium.act(ThirdParty.ALLOWED, lambda context: take(context, url, password, into), Event())
            except Broken as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"Taken into {into}.")


def demo_password() -> str:
    """Raises CommandError where none is given."""
    if not (password := os.environ.get("DEMO_PASSWORD", "")):
        raise CommandError(
            "Start the demo with a DEMO_PASSWORD of yours, and this command with the same one."
        )
    return password


def refuse_silence(url: str) -> None:
    """Before a browser is started. Raises CommandError where no demo answers."""
    try:
        if not url.startswith(("http://", "https://")):
            raise ValueError("it must begin with http:// or https://")
        urllib.request.urlopen(f"{url}/readyz", timeout=PATIENCE_SECONDS).close()  # noqa: S310
    except (OSError, ValueError, HTTPException) as error:
        raise CommandError(f"No demo answers at {url}: {error}. Start one with `manage.py demo`.") from error


def refuse_without_browser() -> None:
    """Raises CommandError with what is missing, Playwright or Chromium, and how to get it."""
    if missing := lacking():
        raise CommandError(missing)


def take(context: "BrowserContext", url: str, password: str, into: Path) -> None:
    """Raises CommandError where one cannot be taken; those before it are written then."""
    page = context.new_page()
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    save(into / "side-by-side.webp", side_by_side(page, url, password))
    save(into / "trade-off-curve.webp", trade_off_curve(page, url))


def side_by_side(page: "Page", url: str, password: str) -> bytes:
    """After a log-in both ways: what each credential carries to the notes, and what it costs there."""
    for _time in range(2):  # the first one after a start also loads keys and fills caches
        page.goto(f"{url}/side-by-side/")
        page.get_by_label("Username").fill(USERNAME)
        page.get_by_label("Password").fill(password)
        do_both(page, 1)
        page.get_by_role("navigation", name="Steps").get_by_role("link", name="Call the notes").click()
        page.get_by_role("heading", name="Step 3").wait_for()
        do_both(page, 3)
    below = page.get_by_role("heading", name=BELOW).first
    return picture_of(page, page.locator("main"), below)


def do_both(page: "Page", step: int) -> None:
    """Raises CommandError where either side is not let in."""
    page.get_by_role("button", name="Do both").click()
    page.locator("[data-result]:focus").wait_for()
    for said in page.locator("[data-result] + p").all_inner_texts():
        if LET_IN[step] not in said:
            raise CommandError(f"Step {step} did not work with {USERNAME} and DEMO_PASSWORD: {said}")


def trade_off_curve(page: "Page", url: str) -> bytes:
    """The figure alone. Raises CommandError where the results at hand have none."""
    page.goto(f"{url}/report/")
    curve = page.locator("#trade-off-curve figure")
    if not curve.count():
        raise CommandError(f"{url}/report/ has no trade-off curve: `manage.py compare` first.")
    return picture_of(page, curve)


def picture_of(page: "Page", what: "Locator", until: "Locator | None" = None) -> bytes:
    """WebP, half the bytes of a PNG, which Chromium makes and Playwright does not offer."""
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    box = box_of(what)
    height = box["height"] if until is None else box_of(until)["y"] - box["y"]
    clip = {**box, "height": height, "scale": 1}
    asked = {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True}
    answer = page.context.new_cdp_session(page).send("Page.captureScreenshot", asked)
    return base64.b64decode(answer["data"])


def box_of(what: "Locator") -> "FloatRect":
    """Where it stands on the page, in CSS pixels. Raises CommandError where it is not shown."""
    box = what.bounding_box()
    if box is None:
        raise CommandError(f"The page does not show {what}.")
    return box


def save(path: Path, picture: bytes) -> None:
    if len(picture) > MAX_BYTES:
        raise CommandError(f"{path.name} takes {len(picture)} bytes, more than {MAX_BYTES}.")
    path.write_bytes(picture)
