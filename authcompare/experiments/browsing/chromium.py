"""Chromium in profiles that differ in one thing: whether cookies of third parties are allowed.

Playwright is bound to the thread that started it, so all acts take turns on one thread. They share a
profile, because a new one costs more than most of what is done in it. So every act has pages of its own, and
meets the victim under a name that nobody has used before: another site, which shares neither cookies nor
storage nor the cache of preflights with any other.
"""

import json
import os
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from authcompare.experiments.deployments.deployment import Broken, Stopped

if TYPE_CHECKING:  # the demo does without a browser, and so does every claim that needs none
    from playwright.sync_api import BrowserContext, Playwright

DEBIAN = "/usr/bin/chromium"
NO_PLAYWRIGHT = "Needs a browser: `pip install playwright`, then `playwright install chromium`."
NO_CHROMIUM = (
    "Needs Chromium: `playwright install chromium`, or install the package chromium, "
    "or set CHROMIUM_PATH to one that is there."
)
PATIENCE_MS = 10_000  # for anything a page has to do
CLOSING_SECONDS = 10
LOOK_EVERY_SECONDS = 0.2
ARGUMENTS = (
    "--host-resolver-rules=MAP *.test 127.0.0.1, EXCLUDE 127.0.0.1",
    "--ignore-certificate-errors",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--process-per-site",  # fewer processes; what is sent where stays the same
)

T = TypeVar("T")
_Turn = tuple[Future[Any], Callable[[], Any]]


class ThirdParty(StrEnum):
    """What the profile says about cookies of other sites; a control proves that it does."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"

    @property
    def preferences(self) -> dict[str, Any]:
        """For the profile: the setting that a user changes in chrome://settings/cookies."""
        blocked = self is ThirdParty.BLOCKED
        return {"profile": {"cookie_controls_mode": int(blocked), "block_third_party_cookies": blocked}}


def lacking() -> str:
    """What is not here and how to get it, as a sentence; empty where a browser can be started."""
    if find_spec("playwright") is None:
        return NO_PLAYWRIGHT
    return "" if _executable(_of_playwright()) else NO_CHROMIUM


class Chromium:
    """Started when first needed, once per policy, and shared by all claims until closed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._turns: SimpleQueue[_Turn] = SimpleQueue()
        # A daemon: a page that never lets go must not keep the whole run from ending.
        Thread(target=self._take_turns, name="chromium", daemon=True).start()
        self._playwright: Playwright | None = None
        self._running: dict[ThirdParty, BrowserContext] = {}

    def act(self, policy: ThirdParty, what: Callable[["BrowserContext"], T], stop: Event) -> T:
        """Do it on pages of its own when it is our turn. Raises Broken, Stopped."""
        turn = self._submit(lambda: self._in_turn(policy, what))
        while True:
            try:
                return turn.result(LOOK_EVERY_SECONDS)
            except NotYet:
                if turn.done():
                    raise
                if stop.is_set():
                    turn.cancel()
                    raise Stopped from None

    def version(self) -> str:
        """Of the browser that has been started; empty before."""
        return next((one.browser.version for one in self._running.values() if one.browser), "")

    def close(self) -> None:
        """End every browser; may be called twice."""
        with suppress(NotYet):  # then the driver ends with this process, and Chromium with the driver
            self._submit(self._end).result(CLOSING_SECONDS)

    def _submit(self, what: Callable[[], Any]) -> Future[Any]:
        turn: Future[Any] = Future()
        self._turns.put((turn, what))
        return turn

    def _take_turns(self) -> None:
        """The one thread; what goes wrong in a turn is for whoever waits for it."""
        while True:
            turn, what = self._turns.get()
            if not turn.set_running_or_notify_cancel():
                continue
            try:
                turn.set_result(what())
            except BaseException as error:  # greenlets end with one of their own
                turn.set_exception(error)

    def _in_turn(self, policy: ThirdParty, what: Callable[["BrowserContext"], T]) -> T:
        from playwright.sync_api import Error

        try:
            context = self._browser(policy)
            try:
                return what(context)
            finally:
                for page in context.pages[1:]:  # the first keeps its window open: another one is dear
                    page.close()
        except Error as error:
            raise Broken(f"The browser failed: {error.message.splitlines()[0]}") from error

    def _browser(self, policy: ThirdParty) -> "BrowserContext":
        if policy not in self._running:
            self._running[policy] = self._start(policy)
        return self._running[policy]

    def _start(self, policy: ThirdParty) -> "BrowserContext":
        from playwright.sync_api import sync_playwright

        self._playwright = self._playwright or sync_playwright().start()
        profile = self._directory / f"chromium-{policy}"
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(policy.preferences))
        # A persistent profile, because nothing else reads the preferences.
        context = self._playwright.chromium.launch_persistent_context(
            profile,
            executable_path=_executable(Path(self._playwright.chromium.executable_path)),
            args=[*ARGUMENTS, *_rootless()],
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
        context.set_default_timeout(PATIENCE_MS)
        return context

    def _end(self) -> None:
        while self._running:
            self._running.popitem()[1].close()
        if self._playwright is not None:
            self._playwright.stop()
            self._playwright = None


def _executable(of_playwright: Path | None) -> Path | None:
    """The one the user names, Playwright's own, Debian's; in this order."""
    named = os.environ.get("CHROMIUM_PATH")
    candidates = [Path(named)] if named else [of_playwright, Path(DEBIAN)]
    return next((path for path in candidates if path and path.exists()), None)


def _of_playwright() -> Path | None:
    """Where Playwright keeps its own, without starting Playwright for the question."""
    kept = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright"
    found = sorted(Path(kept).expanduser().glob("chromium-*/chrome-*/chrome"))
    return found[-1] if found else None


def _rootless() -> list[str]:
    """Chromium refuses its sandbox to root."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []
