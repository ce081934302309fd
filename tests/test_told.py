"""Whoever ends a login where Redis does not answer is told so: a copy may be answered for up to 60 s more."""

from typing import Any

import pytest

from authcompare.accounts.models import User
from authcompare.logins import marks
from tests.callers import SessionCaller, TokenCaller
from tests.people import PASSWORD
from tests.test_pages_without_javascript import BROWSER, Browser

pytestmark = pytest.mark.django_db
LATE = "may be answered for up to 60 s more"
CHANGE = {"old_password": PASSWORD, "new_password": "a new one, quite long"}


@pytest.fixture(params=[True, False], ids=["Redis is away", "Redis is there"])
def is_away(request: pytest.FixtureRequest, monkeypatch: Any) -> bool:
    if request.param:
        monkeypatch.setattr(marks, "write", lambda names: not list(names))
    return bool(request.param)


def shown(browser: Browser, path: str) -> str:
    return str(browser.get(path, headers=BROWSER).content.decode())


def test_who_logs_out_by_the_api(alice: User, is_away: bool) -> None:
    answer = SessionCaller().log_out()
    told = answer.json() if answer.content else None
    assert (answer.status_code, told) == (
        (200, {"ended": 1, "told_redis": False}) if is_away else (204, None)
    )


def test_who_logs_out_by_the_form_reads_it_on_the_next_page(alice: User, is_away: bool) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.log_in()
    answer = browser.send("/sessions/logout/", form="/sessions/")
    assert (LATE in shown(browser, answer.headers["Location"])) is is_away
    assert LATE not in shown(browser, answer.headers["Location"])


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
@pytest.mark.parametrize("others", [0, 1])
def test_who_changes_the_password(alice: User, is_away: bool, caller: Any, others: int) -> None:
    """Also where there is no other login: what this one showed so far has ended, too."""
    here, _others = caller(), [caller() for _ in range(others)]
    answer = here.call("POST", "password/", CHANGE)
    told = answer.status_code == 204 or answer.json()["told_redis"]
    assert (told, answer.status_code in (200, 204)) == (not is_away, True)


def test_who_changes_the_password_by_the_form_reads_it_on_the_next_page(alice: User, is_away: bool) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.log_in()
    answer = browser.send("/sessions/password/", **CHANGE)
    page = shown(browser, answer.headers["Location"])
    assert "Password changed. Nothing else had to be signed out." in page
    assert (LATE in page) is is_away
