"""Every own page, narrow and wide, light and dark: readable by everybody, and without complaint."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.pages.browsing import Visit
from tests.pages.conftest import Demo

pytestmark = pytest.mark.browser

ADVISED = "/choose/?client=mixed&services=several&ending=once&outage=survive&scripts=yes"
FOR_STRANGERS = [
    "/",
    "/report/",
    "/report/performance/",
    "/choose/",
    "/learn/",
    ADVISED,
    "/side-by-side/",
    "/wire/",
    "/sessions/login/",
    "/nothing-here/",
]
FOR_ALICE = ["/", "/report/", "/sessions/", "/sessions/devices/", "/sessions/password/"]
WIDTHS = [320, 1280]
SCHEMES = ["light", "dark"]
SIZES = """
() => [...document.querySelectorAll("a, button, input:not([type=hidden]):not([hidden]), textarea, summary")]
  .filter(each => each.checkVisibility() && !each.closest("p, li, .skip"))
  .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([html, box]) => box.height && (box.width < 24 || box.height < 24))
"""
SHIFT = """
async () => {
  let sum = 0;
  const add = list => list.getEntries().forEach(each => { if (!each.hadRecentInput) sum += each.value; });
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  return sum;
}
"""
BUDGET_BYTES, BUDGET_SHIFT = 100_000, 0.05


@pytest.fixture(scope="module")
def alice(browser: Browser, demo: Demo) -> Iterator[Any]:
    """Alice's cookies, with a note and a second login, so that the pages have something to show."""
    visit = Visit.begin(browser, demo).log_in()
    visit.page.get_by_label("New note").fill("word " * 60 + "w" * 200)
    visit.page.get_by_role("button", name="Add note").click()
    other = Visit.begin(browser, demo).log_in()
    yield visit.context.storage_state()
    other.context.close()
    visit.context.close()


@pytest.fixture(params=list(product(WIDTHS, SCHEMES)), ids=lambda each: f"{each[0]}-{each[1]}")
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The options of a browser window."""
    width, scheme = request.param
    return {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}


@pytest.mark.parametrize("path", FOR_STRANGERS)
def test_for_strangers(browser: Browser, demo: Demo, look: dict[str, Any], path: str) -> None:
    check(Visit.begin(browser, demo, **look), path)


@pytest.mark.parametrize("path", FOR_ALICE)
def test_for_alice(browser: Browser, demo: Demo, look: dict[str, Any], path: str, alice: Any) -> None:
    check(Visit.begin(browser, demo, storage_state=alice, **look), path)


def check(visit: Visit, path: str) -> None:
    """All rules at once; a page is expensive to open."""
    page = visit.page
    page.goto(path)
    assert page.evaluate(SHIFT) < BUDGET_SHIFT
    for details in page.locator("details").all():
        details.evaluate("each => each.open = true")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    assert page.evaluate(SIZES) == []
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert (
        page.evaluate("performance.getEntries().reduce((sum, e) => sum + (e.transferSize || 0), 0)")
        < BUDGET_BYTES
    )
    # Chromium itself reports the status of a page that is an error.
    assert [each for each in visit.complaints if "404 (Not Found)" not in each] == []
    visit.context.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found]


def test_forced_colours_and_print_keep_every_word(browser: Browser, demo: Demo) -> None:
    visit = Visit.begin(browser, demo, forced_colors="active")
    visit.page.goto("/")
    assert violations(visit.page) == []
    visit.page.emulate_media(media="print")
    assert visit.page.get_by_role("heading", level=1).is_visible()
    assert not visit.page.get_by_role("button", name="Log in").is_visible()
    visit.context.close()
