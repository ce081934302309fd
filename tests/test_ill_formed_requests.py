"""What no browser sends: each is refused or read as what it is, and none is an error of ours."""

import base64
import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.test.client import RequestFactory

from authcompare.accounts.models import User
from authcompare.wire.ring import find
from authcompare.wsgi import application
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"
PAGE = "text/html; charset=utf-8"


def served(method: str, path: str, body: bytes = b"", **environ: str) -> int:
    """The status that the server's own entry answers; Django's client would go around it."""
    told: list[str] = []
    request = RequestFactory().generic(method, path, body)
    sent = request.environ | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)} | environ
    answer: Any = application(sent, lambda status, headers: told.append(status))
    answer.close()
    return int(told[0][:3])


def test_half_a_character_as_the_transport_is_refused_in_words(alice: User) -> None:
    sent = b'{"username": "alice", "password": "x", "transport": "\\ud800"}'
    answer = Client().post("/tokens/login/", sent, content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["errors"] == {"transport": ["Choose header or cookie."]}


@pytest.mark.parametrize("kind", ["application/*", "*/*", "*/json", "application/*; charset=utf-8"])
@pytest.mark.parametrize("path", ["/sessions/login/", "/tokens/login/"])
def test_a_body_of_any_type_is_of_none(alice: User, path: str, kind: str) -> None:
    sent = f'{{"username": "alice", "password": "{PASSWORD}"}}'
    assert Client().generic("POST", path, sent, kind).status_code == 415


@pytest.mark.parametrize("body", ["[1]", '"x"', "3", "null", "[]"])
@pytest.mark.parametrize("kind", ["application/*", "*/*", "application/json"])
def test_a_body_that_is_no_object_is_refused_to_a_browser_too(alice: User, kind: str, body: str) -> None:
    answer = Client().generic("POST", "/sessions/login/", body, kind, headers={"Accept": "text/html"})
    assert answer.status_code in (400, 415)


@pytest.mark.parametrize("charset", ["base64", "rot13", "idna", "punycode", "undefined", "none", "\u00e9"])
@pytest.mark.parametrize("path", ["/healthz?x=1", "/tokens/login/?x=1", "/sessions/login/?x=1"])
def test_a_charset_that_reads_no_text_is_as_good_as_none(alice: User, path: str, charset: str) -> None:
    kind = f"text/plain; charset={charset}"
    assert served("GET", path, CONTENT_TYPE=kind) in (200, 405)
    assert served("POST", path, b"x=%ff", CONTENT_TYPE=kind) in (403, 405, 415)


def test_a_content_type_that_cannot_be_read_is_refused(alice: User) -> None:
    for kind in ("application/json; charset*=bogus''x", "application/json; charset=base64"):
        assert served("POST", "/tokens/login/", b"{}", CONTENT_TYPE=kind) == 400
    for kind in ("multipart/form-data; boundary=b; charset=base64", "multipart/form-data; a*=bogus''x"):
        assert served("POST", "/sessions/login/", b"--b", CONTENT_TYPE=kind) in (400, 403)


@pytest.mark.parametrize(("size", "status"), [(1, 401), (3_000_000, 413)], ids=["small", "over the limit"])
def test_a_body_that_comes_in_chunks_is_read(size: int, status: int) -> None:
    sent = json.dumps({"refresh": "x" * size}).encode()
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/json"}
    assert served("POST", "/tokens/refresh/", sent, **chunked) == status


@pytest.mark.parametrize(("debug", "path"), [(False, "/tokens/notes"), (True, "/sessions/login")])
def test_without_its_slash_an_address_leads_to_it_and_nothing_sent_is_lost(
    settings: Any, debug: bool, path: str
) -> None:
    settings.DEBUG = debug
    answer = Client().post(f"{path}?x=1", {"text": "x"}, content_type="application/json")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{path}/?x=1")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/.well-known/jwks.json", "/report/", "/wire/"])
def test_a_method_that_is_not_there_is_refused_in_words(wired: None, path: str) -> None:
    answer = Client().post(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, PROBLEM)
    assert answer.headers["Allow"] == "GET, HEAD"
    assert "GET, HEAD" in answer.json()["detail"]


@pytest.mark.parametrize("shown", ["", "eyJhbGciOiJFUzI1NiJ9.e30.x", "Basic YWxpY2U6eA=="])
def test_who_shows_no_login_is_told_how_to(shown: str) -> None:
    answer = Client().get("/tokens/me/", headers={"Authorization": shown})
    assert (answer.status_code, answer.json()["type"]) == (401, "not_authenticated")
    assert "WWW-Authenticate says how" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [("?format=zip", "*/*", "not_found"), ("", "text/html", "not_acceptable")],
)
def test_the_schema_refuses_in_json_too(query: str, accept: str, kind: str) -> None:
    answer = Client().get(f"/api/schema/{query}", headers={"Accept": accept})
    assert (answer.headers["Content-Type"], answer.json()["type"]) == (PROBLEM, kind)


def test_an_accept_header_that_cannot_be_read_wants_nothing_special(alice: User) -> None:
    for accept in ("text/html; a*=bogus''x", "text/html; q=x", ";", ",", "/"):
        for path in ("/tokens/me/", "/sessions/me/", "/sessions/login/", "/api/schema/", "/nowhere"):
            assert served("GET", path, HTTP_ACCEPT=accept) < 500


@pytest.mark.parametrize("value", ["\u20ac", "\u00e9", "\udcff"])
def test_a_step_without_javascript_goes_on_with_any_cookie(alice: User, wired: None, value: str) -> None:
    form = {"step": "1", "username": "alice", "password": PASSWORD}
    cookie = f"x={value}".encode("utf-8", "surrogatepass").decode("latin-1")
    answer = Client().post("/side-by-side/do/", form, HTTP_COOKIE=cookie)
    assert answer.status_code == 303
    assert re.search(r"session=1\.\.[0-9a-f]{12}", answer.headers["Location"])


def test_a_token_nested_too_deeply_to_be_read_is_refused_and_recorded(alice: User, wired: None) -> None:
    payload = base64.urlsafe_b64encode(b"[" * 60_000).decode()
    answer = Client().get("/tokens/me/", headers={"Authorization": f"Bearer a.{payload}.c"})
    assert answer.status_code == 401
    assert find(answer.headers["X-Request-Id"]) is not None


def test_a_recorder_that_fails_fails_no_request(
    wired: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL, settings.VAR = "", None  # so there is nowhere to keep anything
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert f"Not in /wire/: {answer.headers['X-Request-Id']}" in caplog.text


@pytest.mark.parametrize("path", ["/nowhere", "/sessions/login/", "/wire/"])
@pytest.mark.parametrize("accept", ["text/html", "*/*", "application/json"])
def test_what_is_a_page_or_json_says_that_it_depends_on_accept(wired: None, path: str, accept: str) -> None:
    answer = Client().get(path, headers={"Accept": accept})
    assert "Accept" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html;q=0", PROBLEM),
        ("application/json, text/html ; q=0.000", PROBLEM),
        ("text/html;level=1;q=0, */*", PROBLEM),
        ("text/html;q=0.01", PAGE),
        ("Text/HTML", PAGE),
        ("image/png;q=0, text/html", PAGE),
    ],
)
def test_a_page_goes_to_who_wants_one(accept: str, kind: str) -> None:
    assert Client().get("/nowhere", headers={"Accept": accept}).headers["Content-Type"] == kind


def test_the_page_of_an_error_does_not_say_that_its_reader_is_logged_out(client: Client) -> None:
    pages = [client.get(path, headers={"Accept": "text/html"}).content for path in ("/", "/nowhere")]
    assert [b'href="/sessions/login/">Log in</a>' in page for page in pages] == [True, False]
