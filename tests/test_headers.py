"""Headers on every answer of every status, who may be redirected to TLS, and what a message travels in."""

import json
from typing import Any

import pytest
from django.conf import settings as loaded
from django.test import Client, RequestFactory
from django.urls import get_resolver
from rest_framework.views import APIView

from authcompare.accounts.models import User
from authcompare.forms import FormView
from authcompare.headers import PERMISSIONS
from authcompare.notes import views
from authcompare.transport import API_PATHS, MessageCookie, may_be_redirected
from tests.admin.administrators import LISTS, Administrator
from tests.callers import SessionCaller, TokenCaller
from tests.conftest import PASSWORD
from tests.test_pages_without_javascript import BROWSER

pytestmark = pytest.mark.django_db
JSON = "application/json"
WRONG = {"username": "nobody", "password": "x"}


@pytest.fixture
def tls(settings: Any) -> None:
    """As production answers, in the process of the tests."""
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_SSL_REDIRECT = True


def ask(method: str, path: str, client: Client | None = None, **how: Any) -> Any:
    client = client or Client(raise_request_exception=False)
    return client.generic(method, path, how.pop("body", ""), how.pop("kind", JSON), secure=True, **how)


def locked() -> Any:
    return [ask("POST", "/tokens/login/", body=json.dumps(WRONG)) for _ in range(6)][-1]


ANSWERS: dict[int, Any] = {
    200: lambda: ask("GET", "/healthz"),
    302: lambda: ask("GET", "/admin/"),
    400: lambda: ask("POST", "/tokens/login/", body="{"),
    401: lambda: ask("GET", "/tokens/me/"),
    403: lambda: ask("GET", "/healthz", REMOTE_ADDR="192.0.2.1"),
    404: lambda: ask("GET", "/nowhere/"),
    405: lambda: ask("POST", "/.well-known/jwks.json"),
    413: lambda: ask("POST", "/tokens/login/", body='{"a": "' + "x" * 3_000_000 + '"}'),
    415: lambda: ask("POST", "/tokens/login/", body="<a/>", kind="text/xml"),
    429: locked,
}


def assert_headers(answer: Any) -> None:
    headers = answer.headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == PERMISSIONS


@pytest.mark.parametrize("status", ANSWERS)
def test_an_answer_of_this_status_carries_all_headers(tls: None, status: int) -> None:
    answer = ANSWERS[status]()
    assert answer.status_code == status
    assert_headers(answer)


def test_an_error_of_ours_carries_all_headers(tls: None, alice: User, monkeypatch: Any) -> None:
    right = {"username": "alice", "password": PASSWORD}
    access = ask("POST", "/tokens/login/", body=json.dumps(right)).json()["access"]
    monkeypatch.setattr(views.NoteList, "get_queryset", lambda self: 1 / 0)
    answer = ask("GET", "/tokens/notes/", headers={"Authorization": f"Bearer {access}"})
    assert answer.status_code == 500
    assert_headers(answer)


@pytest.mark.parametrize("path", [*LISTS.values(), "/admin/", "/admin/logins/authevent/export/"])
def test_the_admin_carries_all_headers_and_is_kept_by_nobody(tls: None, admin_user: User, path: str) -> None:
    admin = Administrator()
    admin.force_login(admin_user)
    answer = ask("GET", path, admin, headers=BROWSER)
    assert answer.status_code == 200
    assert_headers(answer)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
@pytest.mark.parametrize("path", ["me/", "notes/", "active/", "notes/999/"])
def test_what_is_answered_for_somebody_is_kept_by_nobody(alice: User, caller: Any, path: str) -> None:
    assert caller().call("GET", path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("caller", [SessionCaller, TokenCaller])
def test_logging_out_empties_the_cache(alice: User, caller: Any) -> None:
    assert caller().log_out().headers["Clear-Site-Data"] == '"cache"'


def test_logging_out_of_the_admin_is_the_same_logout(admin_user: User) -> None:
    answer = Administrator.logged_in().send("/admin/logout/", form="/admin/")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"cache"')


def paths(resolver: Any, before: str = "/") -> Any:
    """Every address of the site with its view."""
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern).lstrip("^")
        if hasattr(pattern, "url_patterns"):
            yield from paths(pattern, path)
        else:
            yield path, getattr(pattern.callback, "cls", None)


def test_whatever_answers_programs_only_is_refused_in_clear() -> None:
    """A new API view that nobody wrote into API_PATHS fails here."""
    for path, view in paths(get_resolver()):
        if view is not None and issubclass(view, APIView) and not issubclass(view, FormView):
            is_page = bool(getattr(view, "template_name", None))
            assert is_page or API_PATHS.match(path), path


@pytest.mark.parametrize(
    ("method", "path", "kind", "status"),
    [
        ("GET", "/", "", 301),
        ("GET", "/sessions/login/?next=/x", "", 301),
        ("HEAD", "/admin/", "", 301),
        ("GET", "/healthz", "", 200),
        ("POST", "/sessions/login/", JSON, 403),
        ("POST", "/sessions/login/", "application/x-www-form-urlencoded", 403),
        ("POST", "/admin/login/", "application/x-www-form-urlencoded", 403),
        ("GET", "/sessions/me/", "", 403),
        ("GET", "/tokens/me/", "", 403),
        ("GET", "/.well-known/jwks.json", "", 403),
        ("DELETE", "/tokens/active/", "", 403),
        ("GET", "/tokens/nowhere/", "", 403),
    ],
)
def test_plain_http(tls: None, alice: User, method: str, path: str, kind: str, status: int) -> None:
    answer = Client().generic(method, path, "{}", kind or JSON)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies
    if status == 301:
        assert answer.headers["Location"] == f"https://testserver{path}"
    if status == 403:
        assert (answer.headers["Content-Type"], answer.json()["type"]) == (
            "application/problem+json", "https_required"
        )  # fmt: skip


def test_a_page_of_another_name_is_no_api() -> None:
    for path in ("/tokensfoo/", "/sessions/mean/", "/sessions/", "/sessions/devices/"):
        assert may_be_redirected(RequestFactory().get(path))


@pytest.mark.parametrize(("lab", "name"), [(True, "messages"), (False, "__Host-messages")])
def test_messages_travel_under_a_name_of_this_host(settings: Any, lab: bool, name: str) -> None:
    assert loaded.MESSAGE_STORAGE.endswith(MessageCookie.__name__)
    settings.LAB = lab
    assert MessageCookie(RequestFactory().get("/")).cookie_name == name
