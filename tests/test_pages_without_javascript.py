"""Forms as a browser without JavaScript sends them: errors stand beside fields, nothing is lost."""

from typing import Any

import pytest
from django.test import Client

from authcompare.accounts.models import User
from sessions_demo.models import Session
from tests.callers import TokenCaller
from tests.conftest import PASSWORD
from tokens_demo.models import TokenFamily

BROWSER = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
}


class Browser(Client):
    """Follows no redirect; finds the CSRF token in the form."""

    def send(self, path: str, /, form: str = "", **data: str) -> Any:
        self.get(form or path, headers=BROWSER)
        data["csrfmiddlewaretoken"] = self.cookies["csrftoken"].value
        return self.post(path, data, headers=BROWSER)

    def log_in(
        self, username: str = "alice", password: str = PASSWORD, address: str = "/sessions/login/"
    ) -> Any:
        return self.send(address, username=username, password=password)


@pytest.fixture
def browser(alice: User) -> Browser:
    return Browser(enforce_csrf_checks=True)


def test_a_login_leads_to_the_notes(browser: Browser) -> None:
    answer = browser.log_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sessions/")
    assert b"alice" in browser.get("/sessions/", headers=BROWSER).content


def test_a_login_leads_to_where_one_wanted_to_go(browser: Browser) -> None:
    wanted = browser.get("/sessions/devices/", headers=BROWSER)
    assert wanted.status_code == 302
    assert wanted.headers["Location"] == "/sessions/login/?next=/sessions/devices/"
    answer = browser.send("/sessions/login/", username="alice", password=PASSWORD, next="/sessions/devices/")
    assert answer.headers["Location"] == "/sessions/devices/"


@pytest.mark.parametrize(
    "address", ["https://evil.test/", "//evil.test", "javascript:alert(1)", "\\\\evil.test", "http:evil.test"]
)
def test_a_login_never_leads_away(browser: Browser, address: str) -> None:
    answer = browser.send("/sessions/login/", username="alice", password=PASSWORD, next=address)
    assert answer.headers["Location"] == "/sessions/"


@pytest.mark.parametrize(
    ("username", "password", "status"),
    [("alice", "wrong", 401), ("", "", 400), ("alice", "", 400), ("a\x00b", "x", 400)],
)
def test_a_failed_login_shows_the_form_again_with_the_name_kept(
    browser: Browser, username: str, password: str, status: int
) -> None:
    answer = browser.log_in(username, password)
    assert answer.status_code == status
    assert "text/html" in answer.headers["Content-Type"]
    if username.isalpha():
        assert f'value="{username}"' in answer.content.decode()
    assert not Session.objects.active().exists()


def test_notes_made_by_form_and_by_token_are_the_same_notes(browser: Browser) -> None:
    browser.log_in()
    assert browser.send("/sessions/", text="by form").status_code in (302, 303)
    api = TokenCaller()
    api.call("POST", "notes/", {"text": "by token <b>"})
    page = browser.get("/sessions/", headers=BROWSER).content.decode()
    assert "by form" in page
    assert "by token &lt;b&gt;" in page
    assert [note["text"] for note in api.call("GET", "notes/").json()["results"]] == [
        "by token <b>",
        "by form",
    ]


@pytest.mark.parametrize("text", ["", "x" * 10_001])
def test_a_bad_note_keeps_what_was_typed(browser: Browser, text: str) -> None:
    browser.log_in()
    answer = browser.send("/sessions/", text=text)
    assert answer.status_code == 400
    assert text in answer.content.decode()


def test_devices_show_both_kinds_and_sign_out_one(browser: Browser) -> None:
    browser.log_in()
    TokenCaller()
    page = browser.get("/sessions/devices/", headers=BROWSER).content.decode()
    assert "Firefox on Linux" in page
    family = TokenFamily.objects.get()
    assert str(family.pk) in page
    assert browser.send("/sessions/devices/", end=str(family.pk)).status_code == 303
    assert not TokenFamily.objects.active().exists()
    assert "1 login signed out." in browser.get("/sessions/devices/", headers=BROWSER).content.decode()
    assert browser.send("/sessions/devices/", end=str(family.pk)).status_code == 303
    assert (
        "Nothing else had to be signed out"
        in browser.get("/sessions/devices/", headers=BROWSER).content.decode()
    )
    for nonsense in ("nonsense", ""):
        assert browser.send("/sessions/devices/", end=nonsense).status_code == 404


def test_sign_out_all_others_ends_both_kinds(browser: Browser) -> None:
    TokenCaller()
    Browser().log_in()
    browser.log_in()
    assert browser.send("/sessions/devices/", end="others").status_code == 303
    assert Session.objects.active().count() == 1
    assert not TokenFamily.objects.active().exists()
    assert browser.get("/sessions/devices/", headers=BROWSER).status_code == 200


def test_an_old_login_is_asked_for_the_password_before_it_ends_others(browser: Browser, clock: Any) -> None:
    TokenCaller()
    browser.log_in()
    clock.shift(601)
    answer = browser.send("/sessions/devices/", end="others")
    assert answer.headers["Location"] == "/sessions/login/?next=/sessions/devices/"
    assert TokenFamily.objects.active().exists()


def test_a_password_is_changed_by_form(browser: Browser) -> None:
    browser.log_in()
    wrong = browser.send("/sessions/password/", old_password="wrong", new_password="a new one, quite long")
    assert (wrong.status_code, "not your password" in wrong.content.decode()) == (400, True)
    right = browser.send("/sessions/password/", old_password=PASSWORD, new_password="a new one, quite long")
    assert right.status_code == 303
    assert browser.get("/sessions/devices/", headers=BROWSER).status_code == 200


def test_logout_by_form_asks_to_log_in_at_the_next_page(browser: Browser) -> None:
    browser.log_in()
    answer = browser.send("/sessions/logout/", form="/sessions/")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"cache"')
    assert browser.get("/sessions/", headers=BROWSER).status_code == 302


def test_an_administrator_ends_a_browser_login_and_the_next_page_asks_to_log_in(
    browser: Browser, admin_user: User
) -> None:
    browser.log_in()
    admin = Browser(enforce_csrf_checks=True)
    assert admin.get("/admin/", follow=False).status_code == 302
    assert admin.get("/admin/login/?next=/admin/").headers["Location"] == "/sessions/login/?next=/admin/"
    admin.log_in("admin")
    session = Session.objects.get(user__username="alice")
    page = admin.get("/admin/sessions_demo/session/", headers=BROWSER).content.decode()
    assert "Firefox on Linux" in page
    chosen = {"action": "end_selected", "_selected_action": str(session.pk), "confirmed": "yes"}
    answer = admin.send("/admin/sessions_demo/session/", **chosen)
    assert answer.status_code == 302
    assert browser.get("/sessions/", headers=BROWSER).status_code == 302
    session.refresh_from_db()
    assert (session.ended_reason, session.ended_by) == ("admin", "admin")


def test_the_admin_shows_no_secret(browser: Browser, admin_user: User) -> None:
    browser.log_in()
    api = TokenCaller()
    browser.log_in("admin")
    session, family = Session.objects.active().first(), TokenFamily.objects.get()
    assert session is not None
    for path in (
        "/admin/sessions_demo/session/",
        f"/admin/sessions_demo/session/{session.pk}/change/",
        "/admin/tokens_demo/tokenfamily/",
        f"/admin/tokens_demo/tokenfamily/{family.pk}/change/",
        "/admin/logins/authevent/",
        "/admin/sessions_demo/session/?q=alice",
        "/admin/sessions_demo/session/?state=active",
        "/admin/tokens_demo/tokenfamily/?state=ended",
        "/admin/tokens_demo/tokenfamily/?q=not-a-uuid",
        "/admin/tokens_demo/tokenfamily/?state=expired",
    ):
        answer = browser.get(path, headers=BROWSER)
        assert answer.status_code == 200, path
        page = answer.content.decode()
        for secret in (session.key_hash, session.session_data, str(family.current_jti), api.refresh_token):
            assert secret not in page
