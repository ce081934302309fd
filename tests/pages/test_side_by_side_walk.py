"""The walk in a real browser: by keyboard alone, the token in the memory of the page, and no complaint."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.pages.browsing import Visit
from tests.pages.conftest import Demo
from tests.pages.test_looks import SHIFT, violations

pytestmark = pytest.mark.browser

VERDICTS = {
    1: ("Logged in.", "Logged in."),
    2: ("The answer says Set-Cookie", "The tokens came in the body"),
    3: ("Let in.", "Let in."),
    4: ("Written.", "Written."),
    5: ("Refused.", "Refused."),
    6: ("A new session.", "A new pair"),
    7: ("Ended.", "Ended."),
    8: ("Refused at once.", "Still let in"),
}
ENOUGH_TABS = 60


@pytest.fixture(params=[("light", 1280), ("dark", 320)], ids=str)
def visit(request: pytest.FixtureRequest, browser: Browser, demo: Demo) -> Iterator[Visit]:
    scheme, width = request.param
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    begun = Visit.begin(browser, demo, **options)
    yield begun
    begun.context.close()


def press_until(page: Page, key: str, name: str) -> None:
    """Goes with the keyboard to what has this name."""
    for _ in range(ENOUGH_TABS):
        page.keyboard.press(key)
        if re.match(name, page.locator(":focus").inner_text() or ""):
            return
    raise AssertionError(f"{name} is not reached with {key}")


def column(page: Page, scheme: str) -> Any:
    return page.locator(f'[data-scheme="{scheme}"]')


def see(page: Page, number: int) -> None:
    """Both verdicts of a step, in words; the waiting for a token's end is part of step 5."""
    for scheme, words in zip(("session", "token"), VERDICTS[number], strict=True):
        said = column(page, scheme).locator("[data-result] + p")
        expect(said).to_contain_text(words)
    expect(page.locator("[data-result]:focus")).to_have_count(1)


def complaints(visit: Visit) -> list[str]:
    """Chromium itself reports each refusal that the walk is about."""
    return [one for one in visit.complaints if "401 (Unauthorized)" not in one]


def test_the_whole_walk_by_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    page.goto("/")
    press_until(page, "Tab", "Log in both ways")
    page.keyboard.press("Enter")
    for number in VERDICTS:
        if number > 2:
            press_until(page, "Tab", "Do both")
            page.keyboard.press("Enter")
        if number != 2:  # which looks at what the first one did
            see(page, number)
        expect(column(page, "token").locator("[data-result] + p")).to_contain_text(VERDICTS[number][1])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
        assert f"step={number}" in page.url
        if number in (3, 8):
            assert violations(page) == []
        if number < 8:
            press_until(page, "Shift+Tab" if number != 2 else "Tab", "Next: ")
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", name=f"Step {number + 1} of 8")).to_be_focused()
    assert page.evaluate(SHIFT) < 0.05
    assert complaints(visit) == []


def test_what_is_shown_is_what_this_browser_sent(browser: Browser, demo: Demo) -> None:
    visit = Visit.begin(browser, demo)
    page, sent = visit.page, dict[str, Request]()
    page.on("request", lambda request: sent.__setitem__(request.url.removeprefix(demo.base), request))
    page.goto("/side-by-side/?step=3")
    page.get_by_role("button", name="Do both").click()
    see(page, 3)
    headers = {path: sent[path].all_headers() for path in ("/sessions/notes/", "/tokens/notes/")}
    key = re.search(r"sessionid=[^;]+", headers["/sessions/notes/"]["cookie"])
    assert key is not None
    lines = {
        "session": f"Cookie: {key[0]}",
        "token": f"Authorization: {headers['/tokens/notes/']['authorization']}",
    }
    assert "cookie" not in headers["/tokens/notes/"]
    for scheme, line in lines.items():
        expect(column(page, scheme).locator("[data-credential]")).to_have_text(str(len(line)))
        assert line.partition(": ")[2] not in page.content()
    tried = column(page, "session").locator("[data-tried]")
    expect(tried).to_contain_text("A script cannot read this: tried document.cookie, got nothing")
    expect(column(page, "token").locator("[data-claim=username]")).to_have_text("alice")
    expect(column(page, "token").locator("[data-claim=typ]")).to_have_text("at+jwt")
    expect(column(page, "token").locator("[data-claim=exp]")).to_contain_text(re.compile(r"in \d+ min \d+ s"))
    page.go_back()
    expect(column(page, "token").locator("[data-result] + p")).to_contain_text("Not done yet")
    page.go_forward()
    expect(column(page, "token").locator("[data-result] + p")).to_contain_text("Let in.")
    page.reload()
    expect(column(page, "token").locator("[data-tried]")).to_contain_text("This page holds no token")
    assert complaints(visit) == []
    visit.context.close()


def test_a_link_from_elsewhere_logs_nobody_in(browser: Browser, demo: Demo) -> None:
    visit = Visit.begin(browser, demo)
    visit.page.goto("/side-by-side/?run=token", referer="http://elsewhere.test/")
    expect(column(visit.page, "token").locator("[data-tried]")).to_contain_text("holds no token")
    visit.page.goto("/wire/")
    assert not [one for one in visit.context.cookies() if one["name"] == "sessionid"]  # type: ignore[typeddict-item]
    visit.context.close()


def test_the_wire_renews_itself_until_it_is_told_not_to(browser: Browser, demo: Demo) -> None:
    visit = Visit.begin(browser, demo)
    page = visit.page
    page.goto("/wire/?q=renewed")
    expect(page.get_by_text("Nothing to show.")).to_be_visible()
    visit.context.request.get("/healthz?q=renewed")
    expect(page.get_by_role("cell", name="GET /healthz?q=renewed")).to_have_count(1)
    page.get_by_label("Refresh by itself").uncheck()
    page.get_by_role("link", name=re.compile(r"^\d\d:")).click()
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the lines: curl").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert "/healthz?q=renewed" in page.evaluate("navigator.clipboard.readText()")
    assert violations(page) == []
    assert visit.complaints == []
    visit.context.close()
