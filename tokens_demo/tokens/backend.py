"""Strict signing and verification, before anything else looks at a token.

PyJWT does the cryptography. What `jwt.decode` leaves open is closed here: trailing `=`, `typ`, optional
claims, the types of claims, and an `iat` that is refused when the issuer's clock is ahead by a second. It
also looks at each letter of a token in Python, twice: done here, a token takes a third of the time, and every
check that it passes stands on this page.
"""

import json
import re
import time
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from jwt.algorithms import get_default_algorithms
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
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
TO_STANDARD, TO_URL = bytes.maketrans(b"-_", b"+/"), bytes.maketrans(b"+/", b"-_")
ALGORITHMS = get_default_algorithms()


def encode(claims: dict[str, Any], typ: str) -> str:
    """Sign `claims` with the key in force."""
    key = keys.ring().signing()
    headers = {"typ": typ, "kid": key.kid}
    return jwt.encode(claims, key.signs_with, algorithm=key.algorithm, headers=headers, sort_headers=True)


def decode(token: str, typ: str) -> dict[str, Any]:
    """The claims of a token that is ours, of this `typ`, and in force; else TokenBackendError."""
    if len(token) > MAX_LENGTH or not COMPACT.fullmatch(token):
        raise TokenBackendError("The token is not in compact form.")
    signed, _, signature = token.encode().rpartition(b".")
    header, _, payload = signed.partition(b".")
    try:
        key = _key_for(_header(header), typ)
        if not ALGORITHMS[key.algorithm].verify(signed, key.verifies_with, _bytes(signature)):
            raise TokenBackendError("The signature is not ours.")
        claims = _object(payload)
    except (ValueError, RecursionError) as error:
        raise TokenBackendError("The token is not valid.") from error
    _check_types(claims)
    _check_parties(claims)
    _check_times(claims)
    return claims


def _bytes(segment: bytes) -> bytes:
    """Base64url without padding (RFC 7515 §2), and the one spelling of these bytes only."""
    raw = a2b_base64(segment.translate(TO_STANDARD) + b"=" * (-len(segment) % 4))
    if b2a_base64(raw, newline=False).translate(TO_URL).rstrip(b"=") != segment:
        raise ValueError("another spelling of the same bytes")
    return raw


def _object(segment: bytes) -> dict[str, Any]:
    found = json.loads(_bytes(segment).decode())
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


@lru_cache(maxsize=32)  # all tokens of one kind and key have the same
def _header(segment: bytes) -> dict[str, Any]:
    return _object(segment)


def _key_for(header: dict[str, Any], typ: str) -> keys.Key:
    """`kid` is only a name to look up; `jku`, `x5u`, `jwk` and every other hint of the token is ignored.

    Each key has its one algorithm and its minimum length (RFC 8725 §3.1, §3.5): `keys.read` sees to that.
    """
    named = str(header.get("typ", "")).lower().removeprefix("application/")
    if named != typ or {"crit", "b64"} & header.keys():
        raise TokenBackendError("The token is of another type.")
    kid = header.get("kid")
    key = keys.ring().find(kid) if isinstance(kid, str) else None
    if key is None or header.get("alg") != key.algorithm:
        raise TokenBackendError("The token is signed with an unknown key.")
    return key


def _check_types(claims: dict[str, Any]) -> None:
    if any(type(claims.get(name)) is not kind for name, kind in CLAIM_TYPES.items()):
        raise TokenBackendError("A claim is missing or has the wrong type.")
    if not (UUID.fullmatch(claims["sid"]) and UUID.fullmatch(claims["jti"])):
        raise TokenBackendError("An id is no UUID in canonical form.")


def _check_parties(claims: dict[str, Any]) -> None:
    if claims["iss"] != settings.TOKEN_ISSUER or claims["aud"] != settings.TOKEN_AUDIENCE:
        raise TokenBackendError("The token was made by or for somebody else.")


def _check_times(claims: dict[str, Any]) -> None:
    now = time.time()
    if claims["exp"] <= now:
        raise TokenBackendError("The token has expired.")
    if claims["iat"] > now + CLOCK_TOLERANCE:
        raise TokenBackendError("The token comes from the future.")
    not_before = claims.get("nbf", 0)  # we never write it; who signs with our key may
    if type(not_before) is not int or not_before > now + CLOCK_TOLERANCE:
        raise TokenBackendError("The token is not valid yet.")


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
