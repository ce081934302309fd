"""The API page as an author of a client uses it: the shell lines as they stand, both ways to authorise."""

import html
import json
import re
import subprocess
import urllib.request

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.browsing import Visit
from tests.pages.conftest import PASSWORD, Demo


def walks(demo: Demo) -> list[str]:
    """The lines for the shell: with a session, with a token."""
    with urllib.request.urlopen(f"{demo.base}/api/docs/") as page:  # noqa: S310  our own demo
        return [
            html.unescape(each) for each in re.findall(r"<code>(SITE=.*?)</code>", page.read().decode(), re.S)
        ]


def run(lines: str) -> list[dict[str, object]]:
    done = subprocess.run(["bash", "-euc", lines], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line]


def test_the_lines_for_the_shell_work_as_they_stand(demo: Demo) -> None:
    by_session, by_token = walks(demo)
    me, written, notes, refused = run(by_session)
    assert (me["username"], written["text"], refused["status"]) == ("alice", "Written with a session", 401)
    assert written in notes["results"]  # type: ignore[operator]
    written, notes, out, refused = run(by_token)
    assert (written["text"], refused["type"]) == ("Written with a token", "invalid_token")
    assert out["detail"] == "Logged out."
    assert written in notes["results"]  # type: ignore[operator]


def try_out(page: Page, operation: str, body: str = "") -> Locator:
    """Run an operation and give back the place of its answer."""
    block = page.locator(f"#operations-{operation.split('_')[0]}-{operation}")
    block.get_by_role("button").first.click()
    block.get_by_role("button", name="Try it out").click()
    if body:
        block.get_by_role("textbox").last.fill(body)
    block.get_by_role("button", name="Execute").click()
    return block.locator(".live-responses-table .response").first


@pytest.mark.browser
def test_with_a_session_the_page_adds_the_csrf_token_also_after_the_login_changed_it(visit: Visit) -> None:
    page = visit.page
    page.goto("/api/docs/")
    login = json.dumps({"username": "alice", "password": PASSWORD})
    expect(try_out(page, "sessions_login", login)).to_contain_text("SessionAuthentication")
    note = json.dumps({"text": "Written on the page"})
    written = try_out(page, "sessions_notes_create", note)
    expect(written).to_contain_text("201")
    expect(written).to_contain_text("Written on the page")


@pytest.mark.browser
def test_with_a_token_it_is_pasted_into_authorize(visit: Visit) -> None:
    page = visit.page
    page.goto("/api/docs/")
    login = json.dumps({"username": "alice", "password": PASSWORD})
    pair = try_out(page, "tokens_login", login).locator("code").first
    expect(pair).to_contain_text("access")
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".modal-ux")
    bearer = dialog.locator(".auth-container", has_text="bearer").first
    bearer.get_by_role("textbox").fill(json.loads(pair.text_content() or "")["access"])
    bearer.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").last.click()
    expect(try_out(page, "tokens_me")).to_contain_text("BearerAuthentication")


@pytest.mark.browser
def test_the_lines_can_be_copied(visit: Visit) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.page
    page.goto("/api/docs/")
    page.get_by_role("button", name="Copy the lines: Token: the client carries").click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == walks(visit.demo)[1]
