"""Closed by default: each mount answers to its own credential only, and errors are problem details."""

from typing import Any

import pytest
from django.test import Client, override_settings

from authcompare.accounts.models import User
from tests.callers import SessionCaller, TokenCaller
from tests.forging import signed

pytestmark = pytest.mark.django_db
RESOURCES = ["me/", "notes/", "active/"]


@pytest.mark.parametrize("path", RESOURCES)
def test_a_cookie_opens_nothing_on_the_token_side(alice: User, path: str) -> None:
    caller = SessionCaller()
    answer = caller.client.get(f"/tokens/{path}")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="authcompare"')


@pytest.mark.parametrize("path", RESOURCES)
def test_a_bearer_token_opens_nothing_on_the_session_side(alice: User, path: str) -> None:
    caller = TokenCaller()
    answer = Client().get(f"/sessions/{path}", headers=caller.headers())
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Cookie realm="authcompare"')
    assert answer.json()["type"] == "not_authenticated"


def test_the_same_resource_gives_the_same_bytes(alice: User) -> None:
    session, token = SessionCaller(), TokenCaller()
    session.call("POST", "notes/", {"text": "one"})
    path = f"notes/{alice.notes.get().pk}/"
    assert session.call("GET", path).content == token.call("GET", path).content
    assert Client().get(f"/open/{path}").content == token.call("GET", path).content


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_open_mount_only_reads(alice: User, method: str) -> None:
    assert Client().generic(method, "/open/notes/").status_code == 405
    assert Client().get("/open/me/").json()["scheme"] == "open"


def test_the_lab_answers_this_machine_only(alice: User) -> None:
    answer = Client(REMOTE_ADDR="192.0.2.1").get("/healthz")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert Client().get("/healthz", headers={"Host": "example.com"}).status_code == 400
    assert Client().get("/healthz", headers={"Host": "app.test"}).status_code == 200


@pytest.mark.parametrize(
    ("header", "value", "proxies", "status"),
    [
        ("X-Forwarded-For", "8.8.8.8", 0, 403),
        ("X-Forwarded-For", "127.0.0.1", 0, 403),
        ("Forwarded", "for=8.8.8.8", 0, 403),
        ("X-Real-IP", "8.8.8.8", 0, 403),
        ("X-Forwarded-For", "127.0.0.1, 8.8.8.8", 1, 403),
        ("X-Forwarded-For", "nonsense", 1, 403),
        ("X-Real-IP", "127.0.0.1", 1, 403),
        ("X-Forwarded-For", "8.8.8.8, 127.0.0.1", 1, 200),
        ("Accept", "*/*", 1, 200),
    ],
)
def test_a_proxy_beside_the_lab_does_not_open_it(
    settings: Any, header: str, value: str, proxies: int, status: int
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert Client().get("/healthz", headers={header: value}).status_code == status
    assert Client(REMOTE_ADDR="8.8.8.8").get("/healthz", headers={header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize("path", ["/nowhere", "/sessions/nowhere/", "/tokens/notes/abc/"])
@pytest.mark.parametrize(
    ("accept", "kind"), [("*/*", "application/problem+json"), ("text/html", "text/html; charset=utf-8")]
)
def test_what_is_not_there_is_a_problem_or_a_page(db: None, path: str, accept: str, kind: str) -> None:
    answer = Client().get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, kind)


@pytest.mark.parametrize("path", ["/tokens/login/", "/tokens/refresh/", "/sessions/login/"])
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"{", "application/json", 400), (b"\xff\xfe", "application/json", 400), (b"<a/>", "text/xml", 415)],
)
def test_a_body_that_cannot_be_read_is_a_clear_error(
    db: None, path: str, body: bytes, kind: str, status: int
) -> None:
    client = Client()
    client.get("/sessions/login/")
    answer = client.post(path, body, content_type=kind)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_another_method_is_405_with_allow(alice: User) -> None:
    answer = TokenCaller().call("TRACE", "me/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_every_answer_carries_the_security_headers(alice: User) -> None:
    session = SessionCaller()
    answers = [
        session.client.get(path) for path in ("/sessions/", "/nowhere", "/sessions/me/", "/admin/login/")
    ]
    answers.append(Client().get("/tokens/me/"))
    for answer in answers:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
    assert session.me().headers["Cache-Control"] == "no-store"


def test_readyz_attests_the_settings_in_force(db: None) -> None:
    answer = Client().get("/readyz").json()
    assert (answer["status"], answer["database"], answer["store"]) == ("ready", "ok", "ok")
    assert answer["lab"]["token_algorithm"] == "ES256"
    assert answer["lab"]["hasher"] == "md5"
    with override_settings(TOKEN_CHECK="database", LAB_NONCE="n"):
        lab = Client().get("/readyz").json()["lab"]
        assert (lab["token_check"], lab["nonce"]) == ("database", "n")
    with override_settings(LAB=False):
        assert "lab" not in Client().get("/readyz").json()


class TestTokenCookies:
    """The HttpOnly transport: the browser sends it by itself, so unsafe requests need the CSRF token."""

    @pytest.fixture
    def browser(self, alice: User) -> Client:
        client = Client(enforce_csrf_checks=True)
        body = {"username": "alice", "password": " correct horse battery ", "transport": "cookie"}
        answer = client.post("/tokens/login/", body, content_type="application/json")
        assert set(answer.json()) == {"token_type", "expires_in", "refresh_expires_in"}
        return client

    def send(self, browser: Client, path: str, csrf: bool = True) -> Any:
        headers = {"X-CSRFToken": browser.cookies["csrftoken"].value} if csrf else {}
        return browser.post(
            f"/tokens/{path}", {"text": "x"}, content_type="application/json", headers=headers
        )

    def test_cookies_are_out_of_reach_for_scripts(self, browser: Client) -> None:
        for name in ("access", "refresh"):
            assert browser.cookies[name]["httponly"]
            assert browser.cookies[name]["samesite"] == "Strict"
            assert browser.cookies[name]["path"] == "/"  # or the prefix of production would not be allowed

    def test_unsafe_requests_need_the_csrf_token(self, browser: Client) -> None:
        assert browser.get("/tokens/me/").json()["authenticated_by"] == "CookieAuthentication"
        for path in ("notes/", "refresh/", "logout/"):
            refused = self.send(browser, path, csrf=False)
            assert (refused.status_code, refused.json()["type"]) == (403, "csrf")
        for path, status in [("notes/", 201), ("refresh/", 200), ("logout/", 200)]:
            assert self.send(browser, path).status_code == status
        assert browser.cookies["access"].value == ""
        assert not User.objects.get().notes.filter(text="").exists()

    def test_every_safe_answer_says_the_csrf_token(self, browser: Client) -> None:
        """Also a refusal: whose access token is over needs it for the refresh."""
        for status in (200, 401):
            answer = browser.get("/tokens/me/")
            proof = {"X-CSRFToken": answer.headers["X-CSRFToken"]}
            assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
            assert not answer.cookies
            browser.cookies.pop("access", None)
        assert browser.post("/tokens/refresh/", {}, "application/json", headers=proof).status_code == 200
        del browser.cookies["csrftoken"]  # then there is a new one
        proof = {"X-CSRFToken": browser.get("/tokens/me/").headers["X-CSRFToken"]}
        assert browser.post("/tokens/refresh/", {}, "application/json", headers=proof).status_code == 200

    def test_who_sends_no_cookie_of_ours_is_told_no_csrf_token(self, alice: User) -> None:
        assert "X-CSRFToken" not in TokenCaller().me().headers
        assert "X-CSRFToken" not in Client().get("/tokens/me/").headers

    @pytest.mark.parametrize("planted", ["", "x", r'"\012X-Evil: 1"', "a" * 5000])
    def test_no_planted_csrf_cookie_is_repeated(self, browser: Client, planted: str) -> None:
        browser.cookies["csrftoken"] = planted
        told = browser.get("/tokens/me/").headers["X-CSRFToken"]
        assert (told.isalnum(), told != planted) == (True, True)

    def test_a_token_is_pinned_to_its_transport(self, browser: Client, alice: User) -> None:
        header = TokenCaller()
        by_header = {"Authorization": f"Bearer {browser.cookies['access'].value}"}
        assert Client().get("/tokens/me/", headers=by_header).status_code == 401
        refresh = {"refresh": browser.cookies["refresh"].value}
        assert Client().post("/tokens/refresh/", refresh, content_type="application/json").status_code == 401
        other = Client()
        other.cookies["access"] = header.access
        assert other.get("/tokens/me/").status_code == 401

    def test_two_credentials_in_one_request_are_refused(self, browser: Client) -> None:
        answer = browser.get("/tokens/me/", headers=TokenCaller().headers())
        assert (answer.status_code, answer.json()["type"]) == (400, "invalid_request")
        answer = browser.post("/tokens/refresh/", {"refresh": "x"}, content_type="application/json")
        assert answer.status_code == 400

    def test_an_expired_cookie_is_refused_as_a_token(self, browser: Client) -> None:
        browser.cookies["access"] = signed(browser.cookies["access"].value, exp=1)
        assert browser.get("/tokens/me/").json()["type"] == "invalid_token"


def test_jwks_publishes_public_keys_only(db: None) -> None:
    answer = Client().get("/.well-known/jwks.json")
    (key,) = answer.json()["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert "max-age" in answer.headers["Cache-Control"]
