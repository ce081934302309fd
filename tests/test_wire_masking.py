"""No secret of a login ever stands in what `/wire/` tells, wherever a client puts it."""

import base64
import json
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from authcompare.accounts.models import User
from authcompare.wire import as_code, masking, shapes
from authcompare.wire.ring import ring
from tests.callers import SessionCaller, TokenCaller, key_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
RECOGNISABLE = 12  # characters of a secret that are as bad as all of it
BROWSER = {"Accept": "text/html"}
PAGES_READ = 10  # they show what the JSON of all of them says
FORM = "application/x-www-form-urlencoded"


def everything_told() -> str:
    """The list and each exchange, as JSON and as a page, and what curl and Python are told to send."""
    kept = ring().newest()
    addresses = ["/wire/", *(f"/wire/{one.id}/" for one in kept[:PAGES_READ])]
    answers = [Client().get(path, headers=how) for path in addresses for how in ({}, BROWSER)]
    assert {answer.status_code for answer in answers} == {200}
    pages = [answer.content.decode() for answer in answers]
    copies = [copy(one, "http://x") for one in kept for copy in (as_code.curl, as_code.python)]
    return "\n".join([*pages, *copies, *(json.dumps(asdict(one), ensure_ascii=False) for one in kept)])


def pieces(secret: str) -> list[str]:
    """What somebody could recognise a secret by."""
    return [secret[at : at + RECOGNISABLE] for at in range(max(1, len(secret) - RECOGNISABLE + 1))]


def in_every_place(secret: str) -> None:
    """Requests as clients send them by mistake, or to see what happens."""
    client = Client()
    client.cookies["sessionid"] = client.cookies["access"] = client.cookies["other"] = secret
    client.get("/sessions/me/")
    for header in ("Authorization", "Referer", "User-Agent", "Origin", "X-Api-Key", "Accept"):
        Client().get("/tokens/me/", headers={header: secret})
    for scheme in ("Bearer", "Basic", "bearer ", secret):
        Client().get("/tokens/me/", headers={"Authorization": f"{scheme} {secret}"})
    for path in (f"/tokens/me/{secret}/", f"/tokens/me/?access_token={secret}", f"/?{secret}", f"/{secret}"):
        Client().get(path)
    bodies: list[Any] = [secret, [secret], {"refresh": secret}, {"password": secret, "username": "alice"}]
    bodies += [
        {secret: 1},
        {"a": {"b": [secret]}},
        {"old_password": secret, "new_password": secret},
        {"x": secret},
    ]
    for path in ("/tokens/login/", "/tokens/refresh/", "/sessions/login/", "/tokens/notes/"):
        for body in bodies:
            Client().post(path, body, content_type="application/json")
        Client().post(path, {"refresh": secret, "text": "x"})
        Client().post(path, f"refresh={secret}&text=x&{secret}=1&{secret}", FORM)
        Client().post(path, f'{{"refresh": "{secret}', content_type="application/json")


def test_no_secret_of_a_login_is_told(alice: User, wired: None) -> None:
    session, token = SessionCaller(), TokenCaller()
    secrets = [key_of(session), token.access, token.refresh_token, session.client.cookies["csrftoken"].value]
    answers = [caller.call(method, path) for caller in (session, token) for method, path in ASKED]
    assert 200 in {answer.status_code for answer in answers}
    token.refresh()
    form = session.client.get("/sessions/", headers=BROWSER).content.decode()
    csrf = form.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    session.client.post("/sessions/", f"csrfmiddlewaretoken={csrf}&text=a+note", FORM, headers=BROWSER)
    session.call("POST", "password/", {"old_password": PASSWORD, "new_password": "another one, quite long"})
    session.log_out()
    token.log_out()
    told = everything_told()
    assert "a note" in told  # what is harmless is told
    for secret in (*secrets, csrf, token.access, PASSWORD, "another one, quite long"):
        assert not [piece for piece in pieces(secret) if piece in told]


ASKED = [("GET", "me/"), ("GET", "active/"), ("GET", "notes/"), ("POST", "notes/"), ("DELETE", "active/x/")]


@pytest.mark.parametrize("kind", ["key", "access", "refresh", "csrf"])
def test_nor_wherever_a_client_puts_it(alice: User, wired: None, settings: Any, kind: str) -> None:
    settings.LOGIN_LIMIT = 10_000
    session, token = SessionCaller(), TokenCaller()
    secret = {
        "key": key_of(session),
        "access": token.access,
        "refresh": token.refresh_token,
        "csrf": session.client.cookies["csrftoken"].value,
    }[kind]
    in_every_place(secret)
    told = everything_told()
    assert not [piece for piece in pieces(secret) if piece in told]


def test_a_password_is_not_told_where_it_belongs_nor_in_a_form(alice: User, wired: None) -> None:
    secret = "Tr0ub4dor&3-and-more"
    encoded = base64.b64encode(f"alice:{secret}".encode()).decode()
    Client().get("/tokens/me/", headers={"Authorization": f"Basic {encoded}"})
    for path in ("/tokens/login/", "/sessions/login/"):
        Client().post(path, {"username": "alice", "password": secret})
        Client().post(path, urlencode({"username": "alice", "password": secret}), FORM)
        Client().post(path, {"username": "alice", "password": secret}, content_type="application/json")
        Client().post(path, {"username": "alice", "passwort": secret}, content_type="application/json")
        Client().get(f"{path}?username=alice&password={secret}")
    told = everything_told()
    assert "alice" in told
    assert not [piece for hidden in (secret, encoded) for piece in pieces(hidden) if piece in told]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe\x00", "application/json"),
        (b"[" * 9_000, "application/json"),
        (b"1" * 9_000, "application/json"),
        (b"a=1&" * 2_000, "application/x-www-form-urlencoded"),
        (b"\xff=\xff", "application/x-www-form-urlencoded"),
        (b"x" * 20_000, "text/plain"),
        (b"{}", ""),
        ('{"text": "«access: x», \ud83d"}'.encode("utf-8", "surrogatepass"), "application/json"),
    ],
)
def test_no_body_breaks_the_recording(wired: None, alice: User, body: bytes, kind: str) -> None:
    answer = Client().generic("POST", "/tokens/login/", body, content_type=kind)
    assert 400 <= answer.status_code < 500
    assert everything_told()


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b"{broken", "application/json", "(7 bytes of application/json)"),
        (b"[" * 9_000, "application/json", "(9000 bytes of application/json)"),
        (b'["' + b"x " * 20_000 + b'"]', "application/json", "(40004 bytes of application/json)"),
        (b"<html>", "text/html; charset=utf-8", "(6 bytes of text/html)"),
        (b"", "text/html", ""),
    ],
)
def test_an_answer_that_is_no_short_json_is_counted(body: bytes, kind: str, told: str) -> None:
    assert masking.answered_body(body, kind) == told


def test_markup_that_a_client_sends_is_text(wired: None, alice: User) -> None:
    Client().get("/<script>alert(1)</script>", headers={"User-Agent": "<script>alert(2)</script>"})
    Client().post(
        "/tokens/login/", {"username": "<script>alert(3)</script>"}, content_type="application/json"
    )
    pages = [Client().get(path, headers=BROWSER).content.decode() for path in ("/wire/", newest())]
    assert not [page for page in pages if "<script>alert" in page]


def newest() -> str:
    return f"/wire/{Client().get('/wire/').json()['results'][0]['id']}/"


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("SELECT 'hun''ter2' FROM x", "SELECT '…' FROM x"),
        ('INSERT INTO "a" ("b", "c") VALUES (%s, %s), (%s, %s)', 'INSERT INTO "a" (…) VALUES (…)'),
        ("SELECT " + "a, " * 40 + "b FROM c WHERE d = %s", "SELECT … FROM c WHERE d = %s"),
        ("UPDATE a SET b = %s", "UPDATE a SET b = %s"),
    ],
)
def test_a_statement_is_told_by_its_shape(statement: str, shape: str) -> None:
    assert shapes.statement(statement) == shape


def test_a_command_is_told_without_values_and_with_short_keys() -> None:
    key = f"session:{'0123456789abcdef' * 4}"
    assert shapes.command(["SET", key, json.dumps({"secret": 1}), "PXAT", 5]) == "SET session:01234567…"
    assert shapes.command([b"MGET", *["mark:a"] * 6]) == "MGET mark:a mark:a mark:a mark:a … 2 more"


def test_a_label_tells_secrets_apart_but_short_ones_and_passwords_show_nothing() -> None:
    assert masking.masked("key", "7h2k" + "x" * 28) == "«key: 7h2k…, 32 characters»"
    assert masking.masked("password", "p" * 40) == "«password: 40 characters»"
    assert masking.masked("key", "short") == "«key: 5 characters»"


@pytest.mark.parametrize("name", ["Referer", "Location"])
def test_an_address_in_a_header_is_told_as_the_one_of_the_request(name: str) -> None:
    told = {"Referer": masking.request_header, "Location": masking.response_header}[name]
    shown = told(name, "http://x.test/sessions/login/?username=a&password=hunter2&next=/sessions/")
    assert shown == (
        "http://x.test/sessions/login/?username=a&password=«password: 7 characters»&next=/sessions/"
    )


@pytest.mark.parametrize("credential", ["hunter2", "hunter2 tiger3", "Hunter hunter2"])
def test_a_credential_without_a_scheme_is_masked_whole(credential: str) -> None:
    assert masking.request_header("Authorization", credential) == f"«access: {len(credential)} characters»"
    assert masking.request_header("Authorization", f"bearer {credential}").startswith("bearer «access: ")
