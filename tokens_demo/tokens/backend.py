"""Strict signing and verification, before anything else looks at a token.

PyJWT does the cryptography. What it leaves open is closed here: trailing `=`, `typ`, optional claims,
unequal key lengths, and an `iat` that PyJWT refuses when the issuer's clock is ahead by a second.
"""

import re
import time
import uuid
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from tokens_demo.tokens import keys

COMPACT = re.compile(r"[A-Za-z0-9_-]{1,1000}\.[A-Za-z0-9_-]{1,8000}\.[A-Za-z0-9_-]{1,200}", re.ASCII)
MAX_LENGTH = 8000  # what common servers carry in one header field
CLOCK_TOLERANCE = 60  # seconds that an issuer's clock may be ahead of ours

CLAIM_TYPES: dict[str, type] = {
    "iss": str,
    "aud": str,
    "sub": str,
    "exp": int,
    "iat": int,
    "auth_time": int,
    "jti": str,
    "sid": str,
    "transport": str,
}
OPTIONS: Any = {
    "require": list(CLAIM_TYPES),
    "strict_aud": True,
    "verify_iat": False,  # PyJWT has no tolerance of its own for iat; see _check_times
    "verify_sub": False,  # types are checked below, for every claim alike
    "verify_jti": False,
    "enforce_minimum_key_length": True,
}


def encode(claims: dict[str, Any], typ: str) -> str:
    """Sign `claims` with the key in force."""
    key = keys.ring().signing()
    headers = {"typ": typ, "kid": key.kid}
    return jwt.encode(claims, key.signs_with, algorithm=key.algorithm, headers=headers, sort_headers=True)


def decode(token: str, typ: str) -> dict[str, Any]:
    """The claims of a token that is ours, of this `typ`, and in force; else TokenBackendError."""
    if len(token) > MAX_LENGTH or not COMPACT.fullmatch(token):
        raise TokenBackendError("The token is not in compact form.")
    try:
        claims = jwt.decode(
            token,
            **_key_for(jwt.get_unverified_header(token), typ),
            issuer=settings.TOKEN_ISSUER,
            audience=settings.TOKEN_AUDIENCE,
            options=OPTIONS,
        )
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise TokenBackendError("The token is not valid.") from error
    _check_types(claims)
    _check_times(claims)
    return claims


def _key_for(header: dict[str, Any], typ: str) -> dict[str, Any]:
    """`kid` is only a name to look up; `jku`, `x5u`, `jwk` and every other hint of the token is ignored."""
    if str(header.get("typ", "")).lower().removeprefix("application/") != typ or "crit" in header:
        raise TokenBackendError("The token is of another type.")
    kid = header.get("kid")
    key = keys.ring().find(kid) if isinstance(kid, str) else None
    if key is None:
        raise TokenBackendError("The token is signed with an unknown key.")
    return {"key": key.verifies_with, "algorithms": [key.algorithm]}


def _check_types(claims: dict[str, Any]) -> None:
    if any(type(claims[name]) is not kind for name, kind in CLAIM_TYPES.items()):
        raise TokenBackendError("A claim has the wrong type.")
    try:
        ids = [uuid.UUID(claims["sid"]), uuid.UUID(claims["jti"])]
    except ValueError as error:
        raise TokenBackendError("An id is not a UUID.") from error
    if [str(one) for one in ids] != [claims["sid"], claims["jti"]]:
        raise TokenBackendError("An id is not in canonical form.")


def _check_times(claims: dict[str, Any]) -> None:
    now = time.time()
    if claims["exp"] <= now:
        raise TokenBackendError("The token has expired.")
    if claims["iat"] > now + CLOCK_TOLERANCE:
        raise TokenBackendError("The token comes from the future.")


class StrictBackend(TokenBackend):
    """The seam to SimpleJWT: its tokens call `encode` and `decode`, ours decide.

    SimpleJWT's own constructor wants one fixed key and algorithm; ours come from the ring at each use.
    """

    def __init__(self, typ: str) -> None:
        self.typ = typ
        self.leeway = None

    def encode(self, payload: dict[str, Any]) -> str:
        return encode(payload, self.typ)

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """There is no decoding without verification."""
        text = token.decode("latin-1") if isinstance(token, bytes) else str(token)
        return decode(text, self.typ)
