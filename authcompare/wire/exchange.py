"""One request and its answer as they are kept: masked, bounded, plain JSON."""

import base64
import http.client
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from authcompare.logins import devices
from authcompare.wire import masking
from authcompare.wire.costs import Costs

WRITTEN = {"X-Csrftoken": "X-CSRFToken"}  # WSGI does not keep how a name was written
REFRESH_TOKEN = re.compile(rb'"refresh" *: *"([^"]*)"')
Lines = list[list[str]]  # [name, value] of each header


@dataclass(frozen=True)
class Exchange:
    """The fields of `/wire/` as JSON; `ms` and `parts[].ms` are milliseconds, `credential_bytes` bytes."""

    id: str
    at: str
    client: str
    method: str
    path: str
    scheme: str
    login: str
    status: int
    ms: float
    credential_bytes: int
    costs: dict[str, Any]
    sent: Lines = field(default_factory=list)
    unsaid: int = 0  # headers of the request that are not shown
    sent_body: str = ""
    answered: Lines = field(default_factory=list)
    answered_body: str = ""

    @property
    def phrase(self) -> str:
        """What the status is called."""
        return http.client.responses.get(self.status, "")

    @property
    def parts(self) -> list[tuple[str, dict[str, Any]]]:
        """Statements, commands and checks, by kind."""
        return [(kind, part) for kind, cost in self.costs.items() for part in cost["parts"]]

    @classmethod
    def of(cls, request_id: str, request: HttpRequest, response: Any, cost: Costs, ms: float) -> Self:
        """What just happened. Asks neither database nor Redis."""
        scheme, login = _who_answered(request, response)
        body = getattr(request, "_body", b"")
        return cls(
            id=request_id,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            client=devices.label(request.headers.get("User-Agent", "")[:512]),
            method=masking.text(str(request.method))[:20],
            path=masking.address(request.path, request.META.get("QUERY_STRING", ""))[:300],
            scheme=scheme,
            login=login,
            status=response.status_code,
            ms=round(ms, 3),
            credential_bytes=credential_bytes(request, body),
            costs={name: asdict(one) | {"ms": round(one.ms, 3)} for name, one in vars(cost).items()},
            sent=_sent(request),
            unsaid=sum(name not in masking.REQUEST_HEADERS for name in request.headers),
            sent_body=masking.sent_body(body, request.content_type or ""),
            answered=_answered(response),
            answered_body=_answered_body(response),
        )


def credential_bytes(request: HttpRequest, body: bytes) -> int:
    """Bytes of what says who asks, as sent: `Cookie: sessionid=…`, `Authorization: …`, a refresh token in the
    body. Without cookies that prove nothing, such as the CSRF token's.
    """
    names = (settings.SESSION_COOKIE_NAME, settings.TOKEN_ACCESS_COOKIE, settings.TOKEN_REFRESH_COOKIE)
    cookies = "; ".join(f"{name}={request.COOKIES[name]}" for name in names if name in request.COOKIES)
    fields = {"Cookie": cookies, "Authorization": request.headers.get("Authorization", "")}
    in_headers = sum(len(f"{name}: {value}".encode()) for name, value in fields.items() if value)
    refresh = REFRESH_TOKEN.search(body)
    return in_headers + (len(refresh[1]) if refresh else 0)


def _who_answered(request: HttpRequest, response: Any) -> tuple[str, str]:
    """The scheme and the login's id; empty where nobody was authenticated.

    A session that no view has asked for is not loaded here: that would be a look-up of ours.
    """
    session: Any = getattr(request, "session", None)
    login = getattr(request, "auth", None)
    if login is None and session is not None and session.accessed:
        login = getattr(session, "login", None)
    if login is not None:
        return str(login.scheme), str(login.login_id or "")
    return "", _family_of(request.headers.get("Authorization", "").rpartition(" ")[2]) or _begun(response)


def _begun(response: Any) -> str:
    """The login that an answer with tokens belongs to."""
    data = getattr(response, "data", None)
    return _family_of(str(data.get("access", ""))) if isinstance(data, dict) else ""


def _family_of(token: str) -> str:
    """What an access token says about its login, believed by nobody: it only says which row to look at."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return ""
    said = str(claims.get("sid", "")) if isinstance(claims, dict) else ""
    return said if masking.UUID.fullmatch(said) else ""


def _sent(request: HttpRequest) -> Lines:
    shown = {name: value for name, value in request.headers.items() if name in masking.REQUEST_HEADERS}
    return [
        [WRITTEN.get(name, name), masking.request_header(name, value)[:600]]
        for name, value in sorted(shown.items())
        if value
    ]


def _answered(response: HttpResponse) -> Lines:
    shown = [[name, masking.response_header(name, value)[:600]] for name, value in response.items()]
    told = [line for line in shown if line[0] in masking.RESPONSE_HEADERS]
    return told + [["Set-Cookie", masking.set_cookie(morsel)] for morsel in response.cookies.values()]


def _answered_body(response: Any) -> str:
    if response.streaming:
        return "(a stream)"
    return masking.answered_body(response.content, response.get("Content-Type", ""))
