"""How many bytes a request carries because of its credential, and what they are made of."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import SessionClient, compose, logged_in
from authcompare.experiments.credentials.signing import Token, encode64
from authcompare.experiments.deployments.deployment import Broken, Door, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection

COOKIE_LIMIT = 4096  # of name and value together: a browser drops a larger cookie without a word
ABOUT_USER = ("username", "is_staff")
HEADER_MEMBERS = {"alg", "typ", "kid"}
TOO_LARGE = 422


@dataclass(frozen=True)
class Carried:
    """One credential on its way. `parts` add up to `bytes`, the whole header line with its name."""

    extra_claims: int
    bytes: int
    parts: Mapping[str, int]
    members: tuple[str, ...] = ()  # of the token's header, beside those that it needs
    cookie: int = 0  # name and value together, where it is a cookie
    accepted: bool = True
    said: str = ""


@dataclass(frozen=True)
class NotIssued:
    """The server refused to make the credential."""

    extra_claims: int
    status: int
    said: str


@dataclass(frozen=True)
class Field:
    """Whether the server takes a request with a header field of this size."""

    bytes: int
    status: int


def session_carried(user: str, extra: int, site: Site, transcript: Transcript) -> Carried:
    """A session cookie alone, without the CSRF cookie that unsafe requests need beside it."""
    client = logged_in("session", site.doors[0], user, site.password, transcript.under(user))
    name, value = client.session_cookie, client.credential
    if not value:
        raise Broken("the login set no session cookie")
    headers = {"Cookie": f"{name}={value}"}
    whole, answer = _sent(site.doors[0], client.mount, headers, transcript, f"{user} shows a session")
    accepted = outcome(answer, "session") is Outcome.ACCEPTED
    parts = {"name": whole - len(value), "value": len(value)}
    return Carried(extra, whole, parts, (), len(name + value), accepted, described(answer))


def bearer_carried(user: str, extra: int, site: Site, transcript: Transcript) -> Carried | NotIssued:
    """An access token in the Authorization header."""
    answer = _login(user, "header", site, transcript)
    if answer.status != 200:
        return NotIssued(extra, answer.status, described(answer))
    if not (token := str(answer.json.get("access", ""))):
        raise Broken("the login gave no token")
    headers = {"Authorization": f"Bearer {token}"}
    return _token_carried(token, 0, extra, headers, site, transcript)


def cookie_carried(user: str, extra: int, site: Site, transcript: Transcript) -> Carried | NotIssued:
    """An access token in a cookie."""
    answer = _login(user, "cookie", site, transcript)
    if answer.status != 200:
        return NotIssued(extra, answer.status, described(answer))
    name, token = next((pair for pair in answer.cookies.items() if pair[1].count(".") == 2), ("", ""))
    if not token:
        raise Broken("the login set no cookie with a token in it")
    headers = {"Cookie": f"{name}={token}"}
    return _token_carried(token, len(name + token), extra, headers, site, transcript)


def _login(user: str, transport: str, site: Site, transcript: Transcript) -> Answer:
    door = site.doors[0]
    sent = {"username": user, "password": site.password, "transport": transport}
    request = compose(door, "POST", "/tokens/login/", {}, sent)
    answer = Connection(door).send(request)
    transcript.record(f"{user} logs in for a {transport}", request, answer)
    if answer.status not in (200, TOO_LARGE):
        raise Broken(f"{user} cannot log in for a {transport}: {described(answer)}")
    return answer


def _token_carried(
    token: str, cookie: int, extra: int, headers: dict[str, str], site: Site, transcript: Transcript
) -> Carried:
    whole, answer = _sent(site.doors[0], "/tokens", headers, transcript, f"a token with {extra} claims more")
    accepted = outcome(answer, "token") is Outcome.ACCEPTED
    parts = {"name and dots": whole - len(token) + 2, **parts_of(token)}
    members = tuple(sorted(set(Token.read(token).header) - HEADER_MEMBERS))
    return Carried(extra, whole, parts, members, cookie, accepted, described(answer))


def parts_of(token: str) -> dict[str, int]:
    """Bytes of each part as sent, that is in base64url; the dots aside."""
    header, payload, signature = token.split(".")
    claims = Token.read(token).claims
    about = {name: value for name, value in claims.items() if name in ABOUT_USER}
    extra = {name: value for name, value in claims.items() if name.startswith("claim_")}
    registered = {name: value for name, value in claims.items() if name not in {*about, *extra}}
    needed, known = _size(registered), _size({**registered, **about})
    return {
        "header": len(header),
        "registered claims": needed,
        "claims about the user": known - needed,
        "extra claims": len(payload) - known,
        "signature": len(signature),
    }


def _size(claims: Mapping[str, Any]) -> int:
    return len(encode64(json.dumps(claims, separators=(",", ":")).encode()))


def _sent(
    door: Door, mount: str, headers: dict[str, str], transcript: Transcript, note: str
) -> tuple[int, Answer]:
    """What the request is longer by than the same request without it, and what it was answered."""
    path = f"{mount}/me/"
    request = compose(door, "GET", path, headers)
    answer = Connection(door).send(request)
    transcript.record(note, request, answer)
    return len(request) - len(compose(door, "GET", path, {})), answer


def fields_taken(sizes: tuple[int, ...], site: Site) -> list[Field]:
    """Whether the server's own limit is in the way; what is in the field does not matter."""
    door = site.doors[0]
    client = SessionClient(door)
    statuses = [
        client.at(Connection(door)).send("GET", "/healthz", {"X-Lab": secrets.token_hex(size // 2)}).status
        for size in sizes
    ]
    return [Field(size, status) for size, status in zip(sizes, statuses, strict=True)]
