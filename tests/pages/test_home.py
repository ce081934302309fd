"""The home page: what it gives to whom."""

import html
import json
import re
import shlex
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from authcompare.accounts.models import User
from tests.pages.browsing import Visit
from tests.pages.conftest import Demo


def text_of(client: Client) -> str:
    """The page as a person reads it."""
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    return html.unescape(page.content.decode())


def test_outside_the_demo_it_shows_no_account(client: Client, settings: Any) -> None:
    settings.DEMO_PASSWORD = ""
    text = text_of(client)
    assert "Accounts of this demo" not in text
    assert "YOUR-PASSWORD" in text


def test_in_the_demo_it_shows_the_accounts(client: Client, settings: Any) -> None:
    settings.DEMO_PASSWORD = "made-up-one"
    text = text_of(client)
    assert all(f"<code>{name}</code>" in text for name in ("alice", "bob", "admin"))
    assert "made-up-one" in text


@pytest.mark.parametrize("password", ["it's", 'a "b"', "$HOME `id` \\", "</code><script>"])
def test_any_password_survives_the_shell_and_the_page(client: Client, settings: Any, password: str) -> None:

    settings.DEMO_PASSWORD = password
    page = client.get("/").content.decode()
    assert "<script" not in page
    lines = html.unescape(re.search(r"<code>(SITE=.*?)</code>", page, re.DOTALL)[1])  # type: ignore[index]
    sent = shlex.split(re.search(r"\n  -d (.*?)\)\nACCESS", lines, re.DOTALL)[1])  # type: ignore[index]
    assert json.loads(*sent) == {"username": "alice", "password": password}


def test_the_lines_for_the_shell_name_this_very_host(client: Client) -> None:
    page = client.get("/", headers={"Host": "some.localhost:8123"}).content.decode()
    assert "SITE=http://some.localhost:8123 " in page


@pytest.mark.parametrize(
    ("check", "words"), [("none", "works for up to 77 s more"), ("database", "acts at once")]
)
def test_it_says_what_signing_out_means_for_tokens(
    client: Client, settings: Any, check: str, words: str
) -> None:
    settings.TOKEN_CHECK, settings.TOKEN_ACCESS_SECONDS = check, 77
    token_column = text_of(client).partition('id="token"')[2]
    assert words in token_column


def test_logged_in_it_offers_the_notes_and_the_way_out(client: Client, alice: User) -> None:
    client.force_login(alice)
    text = text_of(client)
    assert "Open your notes" in text
    assert "Log out" in text
    assert ">Admin<" not in text


def test_the_way_to_the_admin_is_for_staff(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    assert '<a href="/admin/">Admin</a>' in text_of(client)


@pytest.mark.parametrize("path", ["/side-by-side/", "/report/", "/choose/", "/api/docs/", "/admin/"])
def test_it_leads_everywhere(client: Client, path: str) -> None:
    assert f'href="{path}"' in text_of(client)


@pytest.mark.parametrize("lab", [True, False])
def test_what_only_the_lab_has_is_offered_in_the_lab_only(client: Client, settings: Any, lab: bool) -> None:
    settings.LAB = lab
    text = text_of(client)
    assert ('href="/wire/"' in text) == ('href="/attacks/"' in text) == lab


def test_it_asks_a_stranger_for_nothing(client: Client) -> None:
    # Without the `db` fixture a query would be an error.
    page = client.get("/")
    assert not page.cookies


def test_without_given_accounts_it_leads_to_where_one_logs_in_both_ways(client: Client) -> None:
    assert '<a class="button primary" href="/side-by-side/">' in text_of(client)


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_one_click_logs_in_both_ways_and_without_scripts_by_session(
    browser: Browser, demo: Demo, scripts: bool
) -> None:
    visit = Visit.begin(browser, demo, java_script_enabled=scripts)
    visit.page.goto("/")
    visit.page.get_by_role("button", name="Log in both ways").click()
    expect(visit.page.get_by_role("banner").get_by_text("alice")).to_be_visible()
    expect(visit.page.get_by_text("this page holds an access token of")).to_have_count(1 if scripts else 0)
    assert visit.complaints == []
    visit.context.close()
