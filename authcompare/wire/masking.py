"""What may be shown of a message. Only what is known to be harmless is kept as it is.

A secret becomes `«name: 7h2k…, 32 characters»`: it can be told from another one, not used; `as_code` turns it
into a variable for the shell.
"""

import json
import re
from http.cookies import Morsel
from typing import Any
from urllib.parse import parse_qsl

READ_BODY = 20_000  # bytes; an answer that is longer is only counted
SHOWN_BODY = 800  # characters
PEEK = 4  # characters of a long secret; of a 190-bit session key 166 bits stay hidden
LONG = 24  # characters from which on a secret is random enough to show its beginning
REQUEST_HEADERS = {
    "Accept", "Authorization", "Content-Type", "Content-Length", "Cookie", "Host", "Origin", "Referer",
    "Sec-Fetch-Site", "User-Agent", "X-Csrftoken",
}  # fmt: skip
RESPONSE_HEADERS = {
    "Cache-Control", "Clear-Site-Data", "Content-Length", "Content-Type", "Location", "Retry-After",
    "Vary", "WWW-Authenticate",
}  # fmt: skip
SCHEMES = {"bearer", "basic", "token"}
HARMLESS_SENT = {"username", "text", "transport", "next", "end", "page", "q", "others", "action", "state"}
SECRET_ANSWERED = re.compile("pass|secret|csrf|key|^access$|^refresh$|session|jti", re.IGNORECASE)
RANDOM = re.compile(r"[A-Za-z0-9_-]{30,}(?:\.[A-Za-z0-9_-]*)*")
NAME = re.compile(r"[\w-]{1,24}", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def masked(name: str, secret: str) -> str:
    """The label of a secret: how it begins, if it is long enough for that, and how long it is."""
    called = name if NAME.fullmatch(name) else "value"  # a secret may stand where a name belongs
    random = len(secret) >= LONG and secret.isascii() and "pass" not in name.lower()
    begins = f"{secret[:PEEK]}…, " if random else ""
    return f"«{called}: {begins}{len(secret)} characters»" if secret else ""


def text(value: str) -> str:
    """Any text: whatever looks as random as a credential is masked, login ids are not credentials."""
    readable = value.encode("utf-8", "replace").decode()  # half a surrogate pair could not be told at all
    return RANDOM.sub(
        lambda found: found[0] if UUID.fullmatch(found[0]) else masked("value", found[0]), readable
    )


def address(path: str, query: str) -> str:
    """Path and query."""
    sent = [(name, value if name in HARMLESS_SENT else masked(name, value)) for name, value in pairs(query)]
    shown = "&".join(f"{name}={value}" for name, value in sent)
    return text(path) + (f"?{text(shown)}" if shown else "")


def pairs(form: str) -> list[tuple[str, str]]:
    """The fields of a form or query; none where there are too many to be one of ours."""
    try:
        return parse_qsl(form, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return []


def request_header(name: str, value: str) -> str:
    """The value of one header of a request."""
    match name:
        case "Cookie":
            crumbs = (crumb.strip().partition("=") for crumb in value.split(";"))
            return "; ".join(f"{text(key)}={masked(key, content)}" for key, _, content in crumbs)
        case "Authorization":
            return _authorization(value.strip())
        case "Referer":
            return address(*_parts(value))
        case "X-Csrftoken":
            return masked("csrftoken", value)
    return text(value)


def _authorization(value: str) -> str:
    scheme, _, credential = value.partition(" ")
    if scheme.lower() not in SCHEMES:  # it may be the credential, sent without one
        return masked("access", value)
    return f"{scheme} {masked('access', credential.strip())}"


def response_header(name: str, value: str) -> str:
    """The value of one header of an answer; cookies have `set_cookie`."""
    return address(*_parts(value)) if name == "Location" else text(value)


def _parts(url: str) -> tuple[str, str]:
    path, _, query = url.partition("?")
    return path, query


def set_cookie(morsel: "Morsel[str]") -> str:
    """A cookie as it was set: value masked, attributes as they are."""
    shown: Morsel[str] = Morsel()
    shown.set(morsel.key, morsel.value, masked(morsel.key, morsel.value) or '""')
    shown.update(dict(morsel))
    return shown.OutputString()


def sent_body(body: bytes, content_type: str) -> str:
    """The body of a request: only fields that are known to be harmless are shown."""
    if not body:
        return ""
    if content_type == "application/x-www-form-urlencoded":
        return _cut(_form(body.decode("utf-8", "replace")))
    try:
        return _cut(_dumped(_sent_json("", json.loads(body))))
    except (ValueError, RecursionError):
        return f"({len(body)} bytes that are not JSON)"


def _form(form: str) -> str:
    shown = {name: value if name in HARMLESS_SENT else masked(name, value) for name, value in pairs(form)}
    return text("&".join(f"{name}={value}" for name, value in shown.items()))


def _sent_json(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {text(str(key)): _sent_json(str(key), one) for key, one in value.items()}
    if isinstance(value, list):
        return [_sent_json(name, one) for one in value]
    if value is None or isinstance(value, bool) or (name in HARMLESS_SENT and isinstance(value, str)):
        return text(value) if isinstance(value, str) else value
    return masked(name or "value", str(value))


def answered_body(body: bytes, content_type: str) -> str:
    """The body of an answer, where it is JSON; a page would be long, and it carries a CSRF token."""
    if not body:
        return ""
    whole = f"({len(body)} bytes of {content_type.partition(';')[0] or 'unknown type'})"
    if "json" not in content_type or len(body) > READ_BODY:
        return whole
    try:
        return _cut(_dumped(_answered_json("", json.loads(body))))
    except (ValueError, RecursionError):
        return whole


def _answered_json(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _answered_json(str(key), one) for key, one in value.items()}
    if isinstance(value, list):
        return [_answered_json(name, one) for one in value]
    if not isinstance(value, str):
        return value
    return masked(name, value) if SECRET_ANSWERED.search(name) else text(value)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _cut(shown: str) -> str:
    return shown if len(shown) <= SHOWN_BODY else shown[:SHOWN_BODY] + "\n… (cut)"
