"""Without a browser the browser claims are skipped; with one, nothing of it is left, however the lab ends."""

import copy
import os
import signal
import ssl
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from authcompare.experiments.browsing.certificate import Certificate
from authcompare.experiments.browsing.chromium import NO_CHROMIUM, NO_PLAYWRIGHT, ThirdParty, lacking
from authcompare.experiments.browsing.dropping import keep
from authcompare.experiments.browsing.injecting import Policy, attack
from authcompare.experiments.browsing.outsider import Outsider
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.replacing import toss
from authcompare.experiments.browsing.scene import Scene, new_cell
from authcompare.experiments.browsing.variants import (
    PRODUCT,
    SETTINGS,
    VARIANTS,
    VICTIM,
    host_of,
    layers_of,
)
from authcompare.experiments.claims.cross_domain import CrossDomain
from authcompare.experiments.claims.forgery import Forgery
from authcompare.experiments.claims.injection import Injection
from authcompare.experiments.claims.storage import Storage
from authcompare.experiments.deployments.deployment import Broken, Stopped
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Connection
from authcompare.experiments.frame import Frame
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.live.watchdog import browsers_of
from authcompare.experiments.verdict import Kind
from tests.experiments.pretended import FakeFleet, Silent

CLAIMS = (Storage, Injection, Forgery, CrossDomain)
WITHOUT_PLAYWRIGHT = """
import sys
sys.modules["playwright"] = None
from authcompare.experiments.browsing.claim import BrowserProbe
from authcompare.experiments.claims import discover
print([claim.lacking for claim in discover() if isinstance(claim, BrowserProbe)])
"""
KILLED = """
import sys
from pathlib import Path
from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.live.fleet import Fleet
with Fleet("authcompare.settings", sys.argv[1], Path(sys.argv[2])) as fleet:
    def hold(context):
        context.new_page()
        print(fleet._directory, flush=True)
        fleet.stop.wait(30)
    fleet.world.chromium.act(ThirdParty.BLOCKED, hold, fleet.stop)
"""


@pytest.mark.parametrize("claim", CLAIMS)
def test_without_chromium_a_browser_claim_is_skipped_and_says_how_to_get_it(
    claim: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", "/nowhere/chromium")
    fleet: Any = FakeFleet()
    finished = Frame(fleet, quick=True, seed=1, progress=Silent()).run(claim())
    assert (finished.verdict.kind, finished.verdict.because) == (Kind.SKIPPED, NO_CHROMIUM)
    assert fleet.started == []


def test_without_playwright_claims_can_still_be_listed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PLAYWRIGHT], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == repr([NO_PLAYWRIGHT] * len(CLAIMS))


def test_the_certificate_is_compared_with_itself_and_with_no_other(tmp_path: Path, fleet: Fleet) -> None:
    (site,) = fleet.start([VICTIM])
    healthz = f"GET /healthz HTTP/1.1\r\nHost: {site.doors[0].authority}\r\n\r\n".encode()
    assert Connection(site.doors[0]).send(healthz).status == 200
    other = replace(site.doors[0], certificate=Certificate.make(tmp_path).chain)
    assert ssl.SSLCertVerificationError.__name__ in Connection(other).send(healthz).failure
    public = replace(site.doors[0], certificate=None)
    assert ssl.SSLCertVerificationError.__name__ in Connection(public).send(healthz).failure
    assert (tmp_path / "certificate-key.pem").stat().st_mode & 0o077 == 0
    site.end()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_layers_in_force_are_those_of_the_name_whatever_its_mark(variant: str) -> None:
    host = host_of(variant, new_cell())
    assert layers_of(host) == layers_of(f"{host}:8443") == VARIANTS[variant]
    assert layers_of("victim.localhost:8443") == PRODUCT


@pytest.mark.browser
@pytest.mark.usefixtures("chromium")
class TestWithABrowser:
    def test_somebody_elses_site_that_does_not_listen_is_broken(self, fleet: Fleet) -> None:
        (site,) = fleet.start([VICTIM])
        world, deaf = copy.copy(site.world), Outsider(site.world.certificate)
        deaf.close()
        world.outsider = deaf
        alone = replace(site, world=world)
        with pytest.raises(Broken, match="The browser failed"):
            attack(Scene(alone, "no-csp", Transcript()), Place.SESSION, Policy.OFF)
        with pytest.raises(Broken, match="The browser failed"):
            toss([Scene(alone, "plain-name", Transcript())], Place.SESSION)
        with pytest.raises(Broken, match="The browser failed"):
            keep([4096], alone, Transcript())
        site.end()

    def test_an_act_finds_nothing_of_an_earlier_one(self, fleet: Fleet) -> None:
        (site,) = fleet.start([VICTIM])
        first, second = (Scene(site, "product", Transcript()) for _ in range(2))

        def leaves_much(context: Any) -> bool:
            page = first.enter(context.new_page(), Place.SESSION)
            with page.expect_popup():
                page.evaluate("() => { localStorage.left = 1; window.open(location.href); }")
            return first.works(page)

        def finds(context: Any) -> tuple[int, bool, list[Any], bool]:
            page = context.new_page()
            page.goto(second.page_of(Place.SESSION))
            left = page.evaluate("() => 'left' in localStorage")
            return len(context.pages) - 1, second.works(page), context.cookies(second.origin), left

        assert first.act(leaves_much)
        assert second.act(finds) == (1, False, [], False)
        site.end()

    def test_whoever_waits_for_the_browser_stops_when_told(self, fleet: Fleet) -> None:
        stop, page = Event(), Event()
        stop.set()
        with pytest.raises(Stopped):
            fleet.world.chromium.act(ThirdParty.BLOCKED, lambda context: page.wait(10), stop)
        page.set()

    @pytest.mark.parametrize(
        ("number", "group"),
        [(signal.SIGKILL, False), (signal.SIGINT, True)],
        ids=["killed", "Ctrl-C in a terminal"],
    )
    def test_nothing_is_left_of_a_browser(self, fleet: Fleet, number: signal.Signals, group: bool) -> None:
        command = [sys.executable, "-c", KILLED, fleet.password, str(fleet.template)]
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        with subprocess.Popen(command, start_new_session=True, **quiet) as lab:  # type: ignore[call-overload]
            directory = Path(lab.stdout.readline().strip())
            assert browsers_of(directory)
            (os.killpg if group else os.kill)(lab.pid, number)
            lab.wait(30)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and (browsers_of(directory) or directory.exists()):
            time.sleep(0.05)
        assert browsers_of(directory) == []
        assert not directory.exists()

    def test_a_browser_is_found(self) -> None:
        assert lacking() == ""


def test_the_settings_of_the_victim_are_attested(fleet: Fleet) -> None:
    asked = {"DJANGO_SETTINGS_MODULE": SETTINGS, "TOKEN_CHECK": "database"}
    (site,) = fleet.start([replace(VICTIM, settings=asked)])
    assert site.environment["DJANGO_SETTINGS_MODULE"] == SETTINGS
    site.end()
