"""The recipe for a page on another origin, in a real browser, by both transports."""

import functools
import http.server
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import PASSWORD, Demo
from tests.serving import free_port

GOOD = re.compile(r"^read: (?!\d)")
README = Path(__file__).resolve().parents[2] / "README.md"
RECIPE = Path(__file__).resolve().parent.parent / "recipes" / "spa"

pytestmark = pytest.mark.browser


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def spa() -> Iterator[str]:
    """The static page's own origin: the same site as the API's, another port."""
    handler = functools.partial(Quiet, directory=str(RECIPE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def api(spa: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo that lets the page's origin in, with access tokens that soon expire."""
    extra = {"CORS_ALLOWED_ORIGINS": spa, "TOKEN_ACCESS_SECONDS": "3"}
    demo = Demo(tmp_path_factory.mktemp("spa"), free_port(), extra).start()
    try:
        demo.until_said("is ready")
        yield f"http://localhost:{demo.port}"
        demo.end()
    finally:
        demo.clean_up()


@pytest.fixture
def page(browser: Browser, spa: str, api: str) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{spa}/?api={api}")
    yield opened
    context.close()


def act(page: Page, name: str, said: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).click()
    expect(page.locator("output")).to_have_text(said)


def read(page: Page) -> None:
    with page.expect_response("**/tokens/notes/"):
        act(page, "Read", GOOD)


def log_in(page: Page, transport: str) -> None:
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Transport").select_option(transport)
    act(page, "Log in", "login: true")


@pytest.mark.parametrize("transport", ["header", "cookie"])
def test_a_page_of_another_origin_writes_reads_renews_and_logs_out(page: Page, transport: str) -> None:
    log_in(page, transport)
    page.get_by_label("Note").fill(f"by {transport}")
    act(page, "Write", "write: 201")
    act(page, "Refresh", "refresh: true")
    act(page, "Read", re.compile(f"by {transport}"))
    act(page, "Log out", "logout: true")
    act(page, "Read", "read: 401")


def test_what_has_expired_is_renewed_without_the_page_noticing(page: Page) -> None:
    log_in(page, "header")
    renewals: list[str] = []
    page.on("request", lambda request: renewals.append(request.url) if "refresh" in request.url else None)
    deadline = time.monotonic() + 20
    while not renewals:
        assert time.monotonic() < deadline
        read(page)


def test_no_script_of_the_page_reads_the_tokens_of_the_cookie_transport(page: Page) -> None:
    with page.expect_response("**/tokens/login/") as answer:
        log_in(page, "cookie")
    held = page.evaluate("() => document.cookie + JSON.stringify({...localStorage, ...sessionStorage})")
    assert "eyJ" not in held
    given = [each["value"] for each in answer.value.headers_array() if each["name"].lower() == "set-cookie"]
    unread = {each.partition("=")[0] for each in given if "; HttpOnly" in each}
    assert {"access", "refresh"} <= unread


@pytest.mark.parametrize(
    ("transport", "then"), [("header", "read: 401"), ("cookie", GOOD)], ids=["header", "cookie"]
)
def test_a_reload_forgets_what_the_page_held_and_keeps_what_the_browser_holds(
    page: Page, transport: str, then: str | re.Pattern[str]
) -> None:
    log_in(page, transport)
    page.reload()
    page.get_by_label("Transport").select_option(transport)
    act(page, "Read", then)


@pytest.fixture
def tab(page: Page, spa: str, api: str) -> Page:
    """A new one beside `page`, which has logged in."""
    log_in(page, "cookie")
    opened = page.context.new_page()
    opened.goto(f"{spa}/?api={api}")
    opened.get_by_label("Transport").select_option("cookie")
    for each in (page, opened):
        each.get_by_label("Note").fill("by a tab")
    return opened


def test_a_new_tab_goes_on_and_a_login_there_ends_nothing_here(page: Page, tab: Page) -> None:
    act(tab, "Write", "write: 201")
    log_in(tab, "cookie")
    act(page, "Write", "write: 201")
    act(page, "Refresh", "refresh: true")
    act(tab, "Refresh", "refresh: true")


def test_a_new_tab_goes_on_when_the_access_token_is_over(page: Page, tab: Page) -> None:
    page.context.clear_cookies(name="access")
    act(tab, "Write", "write: 201")


def test_a_page_of_an_origin_that_is_not_listed_gets_nothing(page: Page, spa: str, api: str) -> None:
    page.goto(f"{spa.replace('localhost', '127.0.0.1')}/?api={api}")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Log in").click()


def test_the_lines_of_the_readme_do_what_they_say(page: Page, api: str) -> None:
    found = re.search(r"^```js\n(?P<text>.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    imported = re.sub(r"import (\{ Api \}) from (\S+);", r"const \1 = await import(\2);", found["text"])
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(f"async ([URL, PASSWORD]) => {{ {imported} }}", [api, PASSWORD])
    assert len(said) == 1
    log_in(page, "header")
    act(page, "Read", re.compile("from JavaScript"))
