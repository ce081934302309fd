"""What a credential tells about its user to whoever can read it, without any key."""

import base64
import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import logged_in
from authcompare.experiments.credentials.signing import Token
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import described
from authcompare.experiments.exchanges.transcript import Transcript


@dataclass(frozen=True)
class Readable:
    """One kind of credential. `bits`: what its characters could hold, by length and alphabet as seen."""

    what: str
    fields: tuple[str, ...]  # what can be read in it
    about_user: tuple[str, ...]  # those of them that say who the user is or what the user may do
    distinct: int
    of: int
    characters: int
    bits: float
    set_by_cookie: bool


def session_keys(logins: int, site: Site, transcript: Transcript) -> list[Readable]:
    """What `Set-Cookie` brings, login by login."""
    clients = [_logged_in("session", site, transcript if not number else None) for number in range(logins)]
    keys = [client.credential for client in clients]
    me = _told(clients[0])
    readable = tuple(sorted({name for key in keys for name in _fields_in(key, me)}))
    return [_readable("session cookie", keys, readable, readable, set_by_cookie=all(keys))]


def tokens(site: Site, transcript: Transcript) -> list[Readable]:
    """Both tokens of one login."""
    client = _logged_in("token", site, transcript)
    me = _told(client)
    return [
        _token("access token", client.access, me),
        _token("refresh token", client.refresh_token, me),
    ]


def _told(client: Any) -> dict[str, Any]:
    """What the server says about the user: what to look for."""
    answer = client.me("asks who it is")
    if "username" not in answer.json:
        raise Broken(f"the user is not told who it is: {described(answer)}")
    return dict(answer.json)


def _logged_in(scheme: str, site: Site, transcript: Transcript | None) -> Any:
    return logged_in(scheme, site.doors[0], site.username, site.password, transcript)


def _token(what: str, compact: str, me: dict[str, Any]) -> Readable:
    claims = Token.read(compact).claims
    about = [name for name, value in claims.items() if name in ("sub", *me) and _says(value, me)]
    return _readable(what, [compact], tuple(claims), tuple(about), set_by_cookie=False)


def _says(value: Any, me: dict[str, Any]) -> bool:
    return str(value) in {str(me[name]) for name in ("id", "username", "is_staff")}


def _fields_in(key: str, me: dict[str, Any]) -> list[str]:
    """What of the user stands in the key as it is, or as hexadecimal, base32 or base64 of something."""
    told = {name: str(me[name]).lower() for name in ("username", "login")}
    texts = [key.lower(), *(text.lower() for text in _decoded(key))]
    found = [name for name, value in told.items() if any(value in text for text in texts)]
    return found + [name for text in texts for name in _members(text)]


def _decoded(key: str) -> list[str]:
    padded = key + "=" * (-len(key) % 8)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: bytes.fromhex(key),
        lambda: base64.urlsafe_b64decode(padded),
        lambda: base64.b32decode(padded),
    )
    texts = []
    for way in ways:
        with suppress(ValueError):
            texts.append(way().decode())
    return texts


def _members(text: str) -> list[str]:
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return list(value) if isinstance(value, dict) else []


def _readable(
    what: str, values: list[str], fields: tuple[str, ...], about: tuple[str, ...], set_by_cookie: bool
) -> Readable:
    shortest, alphabet = min(map(len, values)), len(set("".join(values)))
    bits = shortest * math.log2(max(alphabet, 1))
    return Readable(what, fields, about, len(set(values)), len(values), shortest, bits, set_by_cookie)
