"""Wrong tokens: forged without our key, and really signed with it but saying something wrong."""

import base64
import hmac
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from tokens_demo.tokens import keys

Forge = Callable[[str], str]


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Header, claims and signature, decoded without a check."""
    header, claims, signature = token.split(".")
    return json.loads(unpad(header)), json.loads(unpad(claims)), signature


def unpad(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pad(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(token: str, header: dict[str, Any] | None = None, without: str = "", **claims: Any) -> str:
    """Really signed with the key in force, after these changes."""
    old_header, old_claims, _ = parts(token)
    new = {**old_claims, **claims}
    new.pop(without, None)
    key = keys.ring().signing()
    # jwt.encode itself refuses claims of a wrong type, so the payload is signed as bytes.
    return jwt.PyJWS().encode(
        json.dumps(new).encode(), key.signs_with, key.algorithm, {**old_header, **(header or {})}
    )


def with_header(token: str, **header: Any) -> str:
    """The header changed after signing."""
    old, _, signature = parts(token)
    return ".".join([pad(json.dumps({**old, **header}).encode()), token.split(".")[1], signature])


def with_claims(token: str, **claims: Any) -> str:
    """The claims changed after signing."""
    _, old, signature = parts(token)
    return ".".join([token.split(".")[0], pad(json.dumps({**old, **claims}).encode()), signature])


def by_shared_secret(token: str, key: bytes) -> str:
    """Signed with HS256 by somebody who knows `key`; by hand, because PyJWT refuses a public key here."""
    header = pad(json.dumps({**parts(token)[0], "alg": "HS256"}).encode())
    signing = f"{header}.{token.split('.')[1]}"
    return f"{signing}.{pad(hmac.digest(key, signing.encode(), 'sha256'))}"


def public_pem() -> bytes:
    """What everybody can know of our key."""
    return (
        keys.ring()
        .signing()
        .verifies_with.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def twin(token: str) -> str:
    """ES256: (r, n - s) is as valid a signature as (r, s); a denylist by raw token would miss it."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    raw = unpad(token.split(".")[2])
    other = order - int.from_bytes(raw[32:])
    return token.rsplit(".", 1)[0] + "." + pad(raw[:32] + other.to_bytes(32))


FORGERIES: dict[str, Forge] = {
    "empty": lambda t: "",
    "one dot": lambda t: "a.b",
    "four parts": lambda t: t + ".x",
    "JWE, five parts": lambda t: ".".join(["e30"] * 5),
    "padding at the end": lambda t: t + "=",
    "white space inside": lambda t: t.replace(".", "\t.", 1),
    "not ASCII": lambda t: t[:-1] + "é",
    "fullwidth letters": lambda t: t.replace("e", "\uff45", 1),
    "too long": lambda t: t + "A" * 9000,
    "not JSON": lambda t: "AAAA.AAAA.AAAA",
    "deep JSON": lambda t: pad(b"[" * 700) + "." + pad(b"[" * 5000) + ".AAAA",
    "header is a list": lambda t: pad(b"[]") + t[t.index(".") :],
    "alg none": lambda t: with_header(t, alg="none").rsplit(".", 1)[0] + ".",
    "alg None, signature kept": lambda t: with_header(t, alg="None"),
    "alg HS256 with the public key": lambda t: by_shared_secret(t, public_pem()),
    "alg RS256 named": lambda t: with_header(t, alg="RS256"),
    "signature stripped": lambda t: t.rsplit(".", 1)[0] + ".",
    "signature flipped": lambda t: t[:-4] + ("AAAA" if t[-4:] != "AAAA" else "BBBB"),
    "claims changed": lambda t: with_claims(t, sub="1", is_staff=True),
    "another's key": lambda t: by_shared_secret(t, b"k" * 48),
    "jku": lambda t: with_header(t, jku="https://evil.test/jwks.json"),
    "jwk": lambda t: with_header(t, jwk={"kty": "oct", "k": "AAAA"}),
    "kid unknown": lambda t: signed(t, {"kid": "unknown"}),
    "kid a path": lambda t: signed(t, {"kid": "../../../../dev/null"}),
    "kid a number": lambda t: with_header(t, kid=1),
    "kid an object": lambda t: with_header(t, kid={}),
    "crit": lambda t: with_header(t, crit=["exp"]),
    "typ JWT": lambda t: signed(t, {"typ": "JWT"}),
    "typ of another kind": lambda t: signed(
        t, {"typ": "rt+jwt" if parts(t)[0]["typ"] == "at+jwt" else "at+jwt"}
    ),
    "iss another": lambda t: signed(t, iss="authcompar"),
    "iss a list": lambda t: signed(t, iss=["authcompare"]),
    "aud another": lambda t: signed(t, aud="another-api"),
    "aud a list with ours": lambda t: signed(t, aud=["authcompare-api", "another"]),
    "expired": lambda t: signed(t, exp=int(time.time()) - 1),
    "exp a string": lambda t: signed(t, exp=str(int(time.time()) + 100)),
    "exp a float": lambda t: signed(t, exp=time.time() + 100.5),
    "exp true": lambda t: signed(t, exp=True),
    "exp infinite": lambda t: signed(t, exp=float("inf")),
    "iat in the future": lambda t: signed(t, iat=int(time.time()) + 3600),
    "sub a number": lambda t: signed(t, sub=1),
    "sub nobody": lambda t: signed(t, sub="no number"),
    "jti empty": lambda t: signed(t, jti=""),
    "sid not a UUID": lambda t: signed(t, sid="1"),
    "sid another form": lambda t: signed(t, sid="{" + str(uuid.uuid4()) + "}"),
    "transport another": lambda t: signed(t, transport="cookie"),
    **{
        f"without {claim}": (lambda t, claim=claim: signed(t, without=claim))
        for claim in ("iss", "aud", "sub", "exp", "iat", "jti", "sid", "transport", "auth_time")
    },
}
