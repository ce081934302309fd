"""The devices page: what it says about logins that are over, and what it warns of. Without JavaScript."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from authcompare.accounts.models import User
from authcompare.logins.models import RETENTION, Reason
from sessions_demo.models import Session
from tests.callers import TokenCaller
from tests.people import copied
from tests.test_pages_without_javascript import BROWSER, Browser
from tokens_demo.models import TokenFamily


@pytest.fixture
def browser(alice: User) -> Browser:
    browser = Browser(enforce_csrf_checks=True)
    browser.log_in()
    return browser


def text_of(browser: Browser) -> str:
    """The page as a person reads it, on one line."""
    page = browser.get("/sessions/devices/", headers=BROWSER).content.decode()
    return html.unescape(" ".join(page.split()))


def test_who_signs_out_a_token_login_is_told_until_when_its_access_token_works(
    browser: Browser, settings: Any, clock: Any
) -> None:
    settings.TOKEN_CHECK, settings.TOKEN_ACCESS_SECONDS = "none", 300
    api = TokenCaller()
    assert "signed out now, until" in text_of(browser)
    browser.send("/sessions/devices/", end=str(TokenFamily.objects.get().pk))
    until = (timezone.now() + timedelta(seconds=300)).strftime("%H:%M:%S UTC")
    assert f"{until}</time></dd>" in text_of(browser)
    clock.shift(299)
    assert (api.me().status_code, "Still works" in text_of(browser)) == (200, True)
    clock.shift(1)
    assert (api.me().status_code, "Still works" in text_of(browser)) == (401, False)


def test_of_very_many_logins_the_latest_are_shown_and_all_others_signed_out(browser: Browser) -> None:
    copied(Session.objects.get(), 150)
    page = text_of(browser)
    assert (page.count("<dt>Ends unused"), page.count("This device</span>")) == (100, 1)
    assert "And 51 more, seen longer ago, which “Sign out 150 other logins” ends" in page
    browser.send("/sessions/devices/", end="others")
    page = text_of(browser)
    assert "150 logins signed out." in page
    assert "There is no other login." in page
    assert "more, seen longer ago" not in page


@pytest.mark.parametrize("check", ["denylist", "database"])
def test_nothing_outlives_a_login_that_every_request_asks_about(
    browser: Browser, settings: Any, check: str
) -> None:
    settings.TOKEN_CHECK = check
    api = TokenCaller()
    browser.send("/sessions/devices/", end=str(TokenFamily.objects.get().pk))
    page = text_of(browser)
    assert api.me().status_code == 401
    assert "Still works" not in page
    assert "keeps working" not in page


def test_an_ended_session_never_still_works(browser: Browser, settings: Any) -> None:
    settings.TOKEN_CHECK = "none"
    other = Browser(enforce_csrf_checks=True)
    other.log_in()
    browser.send("/sessions/devices/", end="others")
    page = text_of(browser)
    assert "Ended from another device" in page
    assert "Still works" not in page


def test_a_refresh_token_used_twice_is_told_to_its_user(browser: Browser, settings: Any, clock: Any) -> None:
    thief = TokenCaller()
    stolen = thief.refresh_token
    thief.refresh()
    assert "used again" not in text_of(browser)
    clock.shift(settings.TOKEN_REFRESH_GRACE_SECONDS + 1)
    assert thief.post_refresh(stolen).status_code == 401
    page = text_of(browser)
    assert 'role="alert"' in page
    assert "somebody else may have a copy" in page
    assert "An old refresh token was used again" in page  # why, in the list
    other = Browser(enforce_csrf_checks=True)
    User.objects.create_user("bob", password="quite another one")
    other.log_in("bob", "quite another one")
    assert "used again" not in text_of(other)


@pytest.mark.parametrize(
    ("field", "why"), [("idle_until", "Not used for too long"), ("expires_at", "Reached its end")]
)
def test_a_login_that_timed_out_stays_visible_for_28_days_with_why(
    browser: Browser, clock: Any, field: str, why: str
) -> None:
    TokenCaller()
    past = {"idle_until": timezone.now(), field: timezone.now()}
    TokenFamily.objects.update(**past)
    clock.shift(1)
    assert why in text_of(browser)
    Session.objects.update(
        idle_until=timezone.now() + 2 * RETENTION, expires_at=timezone.now() + 2 * RETENTION
    )
    clock.shift(RETENTION.total_seconds() - 2)
    assert why in text_of(browser)
    clock.shift(2)
    assert why not in text_of(browser)


def test_an_end_by_somebody_else_says_by_whom(browser: Browser, admin_user: User) -> None:
    TokenCaller()
    TokenFamily.objects.get().end(Reason.ADMIN, by=admin_user)
    assert "Ended by an administrator (admin)" in text_of(browser)


def test_a_lapsed_session_is_refused_in_every_store(browser: Browser, store: str) -> None:
    assert browser.get("/sessions/me/").status_code == 200
    assert Session.objects.lapse() == 1
    assert browser.get("/sessions/me/").status_code == 401
    assert Session.objects.get().ended_at is None
