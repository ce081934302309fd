"""What a client holds and what the server keeps of one login: attributes and columns, never a secret."""

from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from authcompare.logins import marks
from authcompare.logins.models import Login
from authcompare.wire import masking, shapes

# Where it came from stands on the devices page; what a session holds besides is its own business.
NOT_SHOWN = {"user_agent", "device", "ip", "session_data", "authenticated_at"}
RANDOM = {"key_hash", "current_jti", "previous_jti"}
MEANING = {
    "id": "the handle of this login, in lists and addresses",
    "last_seen_at": "written once a minute at most",
    "idle_until": "unused until then, it is over",
    "expires_at": "over then, used or not",
    "key_hash": "SHA-256 of the cookie's value; the value itself is kept nowhere",
    "current_jti": "the number of the one refresh token that counts; no token is kept",
    "previous_jti": "the one before: shown again, it ends the login",
    "ended_at": "since then, nothing is let in by this row",
}
CLAIMS = {
    "typ": "what kind of token this is (header)",
    "alg": "how it is signed (header)",
    "kid": "which of the server's public keys checks it (header)",
    "iss": "issuer: who made the token",
    "aud": "audience: whom it is for",
    "sub": "subject: the user's id",
    "username": "the user's name when the token was made",
    "is_staff": "rights when the token was made; a change shows in the next token",
    "sid": "the login it belongs to",
    "jti": "the number of this token",
    "auth_time": "when the password was asked for",
    "iat": "issued at",
    "exp": "expires at; nobody can move it",
    "transport": "how it may be sent: header or cookie",
    "client_id": "the program it was made for",
}


def held(scheme: str, cookies: dict[str, str]) -> list[dict[str, str]]:
    """Rows of `name`, `value`, `meaning`; a `claim` is filled in by the script that holds the token."""
    return {"session": _cookie, "token": _claims}[scheme](cookies)


def _cookie(cookies: dict[str, str]) -> list[dict[str, str]]:
    value = cookies.get(settings.SESSION_COOKIE_NAME, "")
    if not value:
        return []
    return [
        _row(
            settings.SESSION_COOKIE_NAME, masking.masked("value", value), "random; it means nothing elsewhere"
        ),
        _row("HttpOnly", "yes", "no script can read it"),
        _row("SameSite", settings.SESSION_COOKIE_SAMESITE, "other sites cannot send it with their forms"),
        _row("Path", settings.SESSION_COOKIE_PATH, "goes out with every request to this site"),
        _row("Secure", "no, in the lab" if settings.LAB else "yes", "outside the lab: over TLS only"),
    ]


def _claims(cookies: dict[str, str]) -> list[dict[str, str]]:
    return [_row(name, "", meaning) | {"claim": name} for name, meaning in CLAIMS.items()]


def _row(name: str, value: str, meaning: str) -> dict[str, str]:
    return {"name": name, "value": value, "meaning": meaning}


def login_of(login_id: str) -> Login | None:
    """The row with this id, of whatever kind."""
    if not masking.UUID.fullmatch(login_id):
        return None
    found = (kind._default_manager.filter(pk=login_id).first() for kind in Login.kinds())
    return next((login for login in found if login is not None), None)


def kept(login: Login | None) -> dict[str, Any]:
    """The columns of the row, and the keys in Redis that are about it."""
    if login is None:
        return {}
    fields = [field for field in login._meta.concrete_fields if field.name not in NOT_SHOWN]
    values = [(field.name, getattr(login, field.attname)) for field in fields]
    shown = [
        (name, _shown(name, value), MEANING.get(name, ""))
        for name, value in values
        if value not in ("", None)
    ]
    return {"table": login._meta.db_table, "row": shown, "redis": _keys(login)}


def _shown(name: str, value: Any) -> Any:
    return f"{str(value)[:8]}…" if name in RANDOM else value


def _keys(login: Login) -> list[tuple[str, int]]:
    """Every key that names this login, with the seconds it has left; none where Redis does not answer."""
    if not settings.REDIS_URL or not marks.breaker.allows():
        return []
    try:
        names = sorted(marks.redis().scan_iter(match=f"*:{login.shown}", count=1000))
        return [(shapes.shortened(name.decode()), marks.redis().ttl(name)) for name in names]
    except RedisError as error:
        marks.breaker.failed(error)
        return []
