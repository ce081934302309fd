"""The report as one file: opened from disk, without a server, it is whole, readable and asks for nothing."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from authcompare.experiments import report
from tests.experiments.test_curve import document
from tests.pages.test_looks import SCHEMES, WIDTHS, violations

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where `compare --html` has written it."""
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report.standalone(document()))
    return path.as_uri()


@pytest.fixture
def opened(browser: Browser, file: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Opened without a network; what the browser complained about stands in `complaints`."""
    width, scheme = request.param
    size = {"width": width, "height": 800}
    context = browser.new_context(offline=True, viewport=size, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(file)
    yield page
    assert complaints == []
    context.close()


@pytest.mark.parametrize("opened", list(product(WIDTHS, SCHEMES)), indirect=True, ids=str)
def test_it_is_readable_narrow_and_wide_light_and_dark(opened: Page) -> None:
    for details in opened.locator("details").all():
        details.evaluate("each => each.open = true")
    assert violations(opened) == []
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    expect(opened.get_by_role("heading", level=1)).to_have_text(report.TITLE)
    expect(opened.locator("svg.plot").first).to_be_visible()


@pytest.mark.parametrize("opened", [(1280, "dark")], indirect=True)
def test_it_allows_itself_no_script_and_is_styled_all_the_same(opened: Page) -> None:
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert opened.locator("[style], script, link, img").count() == 0


@pytest.mark.parametrize("opened", [(1280, "light")], indirect=True)
def test_on_paper_what_is_folded_is_open_but_for_what_fills_hundreds_of_pages(opened: Page) -> None:
    opened.emulate_media(media="print")
    expect(opened.get_by_text("Servers / workers / threads").first).to_be_visible()
    expect(opened.get_by_text("The requests that decided").first).to_be_hidden()
