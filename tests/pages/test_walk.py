"""What a person does with the pages, in a real browser, without JavaScript."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.browsing import Visit
from tests.pages.conftest import Demo

pytestmark = pytest.mark.browser
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
Open = Callable[..., Visit]


@pytest.fixture
def visitor(browser: Browser, demo: Demo) -> Iterator[Open]:
    """Browsers without JavaScript, each with a cookie jar of its own."""
    opened: list[Visit] = []

    def begin(**options: Any) -> Visit:
        opened.append(Visit.begin(browser, demo, java_script_enabled=False, **options))
        return opened[-1]

    yield begin
    for visit in opened:
        visit.context.close()


def test_alice_logs_in_writes_a_note_and_sees_her_device(visitor: Open) -> None:
    page = visitor().page
    page.goto("/sessions/")
    expect(page).to_have_url("/sessions/login/?next=/sessions/")
    visit = visitor().log_in()
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Your notes")
    page.get_by_label("New note").fill("Buy <b>milk</b>\n  and bread")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("listitem").first).to_contain_text("Buy <b>milk</b>\n  and bread")
    page.get_by_role("link", name="Devices").click()
    this = page.get_by_role("listitem").filter(has_text="This device")
    expect(this).to_have_count(1)
    expect(this.get_by_role("button")).to_have_count(0)
    assert visit.complaints == []


def test_the_way_goes_on_where_it_was_interrupted(visitor: Open) -> None:
    page = visitor().page
    page.goto("/sessions/devices/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("correct-horse-7")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page).to_have_url("/sessions/devices/")


def test_asked_again_it_says_why_and_knows_the_name(visitor: Open) -> None:
    page = visitor().log_in().page
    page.goto("/sessions/login/?next=/sessions/devices/")
    expect(page.get_by_role("main")).to_contain_text("prove once more that it is you")
    expect(page.get_by_label("Username")).to_have_value("alice")


def test_a_wrong_password_keeps_the_name_and_says_what_is_wrong(visitor: Open) -> None:
    page = visitor().log_in(username="nobody", password="wrong").page
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Username")).to_have_value("nobody")
    expect(page.get_by_label("Password")).to_have_value("")


def test_a_field_that_is_wrong_is_described_by_its_error(visitor: Open) -> None:
    page = visitor().log_in().page
    page.goto("/sessions/password/")
    page.get_by_label("Current password").fill("correct-horse-7")
    page.get_by_label("New password").fill("password12")
    page.get_by_role("button", name="Change password").click()
    field = page.get_by_label("New password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("too common"))


def test_signing_out_the_others_asks_first_and_ends_them_at_once(visitor: Open) -> None:
    other, mine = visitor().log_in("bob").page, visitor().log_in("bob").page
    mine.goto("/sessions/devices/")
    really = mine.get_by_role("button", name=re.compile(r"^Sign out \d+ other login"))
    expect(really).to_be_hidden()
    mine.locator("summary").click()
    expect(mine.locator("details")).to_contain_text("has to log in again")
    really.click()
    expect(mine.get_by_role("heading", name="Ended in the last 28 days")).to_be_visible()
    expect(mine.get_by_text("There is no other login.")).to_be_visible()
    other.goto("/sessions/")
    expect(other).to_have_url("/sessions/login/?next=/sessions/")


def test_signing_out_one(visitor: Open) -> None:
    other, mine = visitor(user_agent=FIREFOX).log_in("bob").page, visitor().log_in("bob").page
    mine.goto("/sessions/devices/")
    mine.get_by_role("button", name="Sign out Firefox on Windows").click()
    other.goto("/sessions/")
    expect(other).to_have_url("/sessions/login/?next=/sessions/")
    mine.goto("/sessions/")
    expect(mine).to_have_url("/sessions/")


@pytest.mark.parametrize("path", ["/", "/sessions/", "/sessions/devices/", "/sessions/password/", "/report/"])
def test_logging_out_is_on_every_page(visitor: Open, path: str) -> None:
    page = visitor().log_in().page
    page.goto(path)
    page.get_by_role("banner").get_by_role("button", name="Log out").click()
    page.goto("/sessions/")
    expect(page).to_have_url("/sessions/login/?next=/sessions/")


def test_the_first_stop_of_the_keyboard_leads_past_the_header(browser: Browser, demo: Demo) -> None:
    visit = Visit.begin(browser, demo)
    page = visit.page
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert is_inside_main(page)
    visit.context.close()


def is_inside_main(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('main').contains(document.activeElement)"))


def test_an_address_that_is_not_there_says_what_to_do(visitor: Open) -> None:
    page = visitor().page
    answer = page.goto("/nothing-here/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="What you can do")).to_be_visible()
