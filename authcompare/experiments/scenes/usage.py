"""What clients keep, how tokens travel, whether answers are the same, and what each scheme is made of."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.asker import Asker
from authcompare.experiments.clients import CLIENTS, SessionClient, TokenClient, compose, logged_in
from authcompare.experiments.credentials.gate import altered
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.live.weighing import LOGIN_TABLES, dump
from authcompare.experiments.scenes.tasks import state_of
from authcompare.experiments.verifier import NoAnswer, PublicKeys, Refused, Verifier

MOUNTS = ("/open", "/sessions", "/tokens")
# The size of a cache and a hook for extensions: whoever leaves them alone lets in the same logins as long.
DECIDES_NOTHING = {"token_remembered", "token_extra_claims"}


@dataclass(frozen=True)
class Restart:
    """A client that ends and comes back with nothing but what it had written down."""

    scheme: str
    kept: tuple[str, ...]  # without these it would have to log in again
    bytes: int
    went_on: bool
    without: bool  # let in although it had written down nothing: then the test tests nothing


@dataclass(frozen=True)
class Pinned:
    """A token shown by another way than it was made for, or by its own."""

    made_for: str
    shown_in: str
    outcome: Outcome
    said: str


@dataclass(frozen=True)
class Body:
    """One resource on one mount."""

    mount: str
    status: int
    digest: str
    bytes: int


@dataclass(frozen=True)
class Complexity:
    """What one scheme needs on the server: read off its own description, its attestation, its tables.

    Of settings those count that decide what is let in, or for how long.
    """

    scheme: str
    operations: tuple[str, ...]
    settings: tuple[str, ...]
    keys: int
    columns: tuple[str, ...]  # of a login's row that the other scheme's row does not have


@dataclass(frozen=True)
class SecondService:
    """Another service, which has the issuer's public keys and asks it nothing about a token.

    `told`: whether it learned whose a session's cookie is, which it has to ask the issuer.
    """

    verified: bool
    refused_altered: bool
    told: bool


def restarts(site: Site, transcript: Transcript) -> list[Restart]:
    """Each kind of client once."""
    return [_restart(scheme, site, transcript) for scheme in CLIENTS]


def _restart(scheme: str, site: Site, transcript: Transcript) -> Restart:
    first = logged_in(scheme, site.doors[0], site.username, site.password)
    # What can be got anew is not kept: an access token from the refresh token, a CSRF cookie from a page.
    wanted = "refresh" if scheme == "token" else first.session_cookie
    written = json.dumps({wanted: state_of(first)[wanted]})
    second = _come_back(scheme, json.loads(written), site, transcript.under("restarted"))
    empty = _come_back(scheme, {}, site, transcript.under("restarted with nothing"))
    return Restart(scheme, (wanted,), len(written), second, empty)


def _come_back(scheme: str, kept: Mapping[str, str], site: Site, transcript: Transcript) -> bool:
    client = CLIENTS[scheme](site.doors[0], transcript)
    if isinstance(client, TokenClient):
        client.refresh_token = kept.get("refresh", "")
        client.refresh(note="renews with what it had kept")
    elif isinstance(client, SessionClient):
        client.jar = dict(kept)
    answer = client.me("asks after the restart")
    if answer.status not in (200, 401):
        raise Broken(f"after the restart the client was answered {described(answer)}")
    return answer.status == 200


def pinned(site: Site, transcript: Transcript) -> list[Pinned]:
    """Each token by each way."""
    tokens = {transport: _token_for(transport, site) for transport in ("header", "cookie")}
    ways = {"header": ("Authorization", "Bearer {}"), "cookie": ("Cookie", "{}={}")}
    name = tokens["cookie"][0]
    found = []
    for made_for, (_, token) in tokens.items():
        for shown_in, (header, form) in ways.items():
            value = form.format(name, token) if shown_in == "cookie" else form.format(token)
            request = compose(site.doors[0], "GET", "/tokens/me/", {header: value})
            answer = Connection(site.doors[0]).send(request)
            transcript.record(f"made for the {made_for}, shown in the {shown_in}", request, answer)
            found.append(Pinned(made_for, shown_in, outcome(answer, "token"), described(answer)))
    return found


def _token_for(transport: str, site: Site) -> tuple[str, str]:
    """The name of the cookie and the access token; a cookie's token is nowhere in the body."""
    sent = {"username": site.username, "password": site.password, "transport": transport}
    answer = Connection(site.doors[0]).send(compose(site.doors[0], "POST", "/tokens/login/", {}, sent))
    body = answer.json.get("access", "") if transport == "header" else ""
    cookies = [(name, value) for name, value in answer.cookies.items() if value.count(".") == 2]
    found = ("", str(body)) if body else cookies[0] if cookies else ("", "")
    if not found[1]:
        raise Broken(f"a login for the {transport} gave no token: {described(answer)}")
    return found


def bodies(site: Site, transcript: Transcript) -> list[Body]:
    """The same notes of the same user through every mount."""
    writer = logged_in("token", site.doors[0], site.username, site.password)
    writer.call("POST", "/notes/", {"text": "the same for everybody"})
    reader = logged_in("session", site.doors[0], site.username, site.password)
    headers: dict[str, dict[str, str]] = {
        "/open": {},
        "/sessions": reader.credential_headers(),
        "/tokens": writer.credential_headers(),
    }
    note = writer.notes().json["results"][0]["id"]
    return [_body(mount, f"{mount}/notes/{note}/", headers[mount], site, transcript) for mount in MOUNTS]


def _body(mount: str, path: str, headers: dict[str, str], site: Site, transcript: Transcript) -> Body:
    request = compose(site.doors[0], "GET", path, headers)
    answer: Answer = Connection(site.doors[0]).send(request)
    transcript.record(f"the resource through {mount}", request, answer)
    return Body(mount, answer.status, hashlib.sha256(answer.body).hexdigest(), len(answer.body))


def complexity(site: Site, transcript: Transcript) -> list[Complexity]:
    """Both schemes, from the outside."""
    for scheme in CLIENTS:
        logged_in(scheme, site.doors[0], site.username, site.password, transcript)
    settings = _asked("/readyz", site)["lab"]
    paths = _asked("/api/schema/", site)["paths"]
    rows = {scheme: set(dump(site)[table][0]) for scheme, table in LOGIN_TABLES.items()}
    keys = {"session": 0, "token": len(_asked("/.well-known/jwks.json", site)["keys"])}
    return [
        Complexity(
            scheme,
            tuple(_operations(scheme, paths)),
            tuple(name for name in settings if name.startswith(scheme) and name not in DECIDES_NOTHING),
            keys[scheme],
            tuple(sorted(rows[scheme] - rows["token" if scheme == "session" else "session"])),
        )
        for scheme in CLIENTS
    ]


def _asked(path: str, site: Site) -> Any:
    answer = Connection(site.doors[0]).send(compose(site.doors[0], "GET", path, {}))
    if answer.status != 200 or not answer.json:
        raise Broken(f"{path} was answered {described(answer)}")
    return answer.json


def _operations(scheme: str, paths: Mapping[str, Any]) -> list[str]:
    """What there is for logging in and staying so; what both mounts have alike is not counted."""
    own, other = ("/sessions/", "/tokens/") if scheme == "session" else ("/tokens/", "/sessions/")
    mine = {path.removeprefix(own): verbs for path, verbs in paths.items() if path.startswith(own)}
    both = {path.removeprefix(other) for path in paths if path.startswith(other)}
    extra = [path for path in paths if scheme == "token" and "jwks" in path]
    door = ("login/", "logout/", "refresh/", "password/")
    return sorted([f"{own}{path}" for path in mine if path in door or path not in both] + extra)


def second_service(site: Site, transcript: Transcript) -> list[SecondService]:
    """It is shown a token that the issuer has made, the same one altered, and a session's cookie."""
    token, session = (
        logged_in(scheme, site.doors[0], site.username, site.password, transcript)
        for scheme in ("token", "session")
    )
    keys = PublicKeys(f"http://{site.doors[0].address}:{site.doors[0].port}/.well-known/jwks.json")
    service, asker = (kind(keys, "authcompare", "authcompare-api") for kind in (Verifier, Asker))
    return [
        SecondService(
            _accepts(service, token.access),
            not _accepts(service, altered(token.access)),
            _accepts(asker, session.credential),
        )
    ]


def _accepts(service: Verifier, credential: str) -> bool:
    try:
        service.claims(credential)
    except Refused:
        return False
    except NoAnswer as error:
        raise Broken("the second service was not answered by the issuer") from error
    return True
