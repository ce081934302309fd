"""Credentials that must not work. Each differs from a good one in exactly one respect."""

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.credentials.gate import altered
from authcompare.experiments.credentials.signing import Signer, Token, hmac_sign

LONG = 4000


@dataclass(frozen=True)
class Genuine:
    """What a forger can have: a good pair of tokens, and, where the lab gives it to him, the real key."""

    access: str
    refresh: str
    signer: Signer | None = None

    @property
    def token(self) -> Token:
        """The access token, read."""
        return Token.read(self.access)

    def resigned(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """Really signed with the deployment's key, with these members changed."""
        assert self.signer is not None
        return self.signer.sign(self.token.with_header(**header).with_claims(**claims))

    def by_stranger(self, **header: Any) -> str:
        """The same claims, signed with a key the deployment has never seen."""
        token = self.token.with_header(**header)
        return Signer.stranger(str(token.header["alg"])).sign(token)


def token_forgeries(good: Genuine) -> dict[str, str]:
    """What can be made without the key."""
    token, parts = good.token, good.access.split(".")
    unsigned = {
        f"alg {alg}": token.with_header(alg=alg).signing_input + "." for alg in ("none", "None", "NONE")
    }
    return {
        **unsigned,
        "signature removed": f"{parts[0]}.{parts[1]}.",
        "signature and its dot removed": f"{parts[0]}.{parts[1]}",
        "five parts, as an encrypted token has": f"{good.access}.{parts[2]}.{parts[2]}",
        "trailing =": good.access + "=",
        "one bit of the signature flipped": altered(good.access),
        "another user's id under the old signature": token.with_claims(sub="999").compact,
        "a later expiry under the old signature": token.with_claims(exp=int(time.time()) + 10**6).compact,
        "is_staff set under the old signature": token.with_claims(is_staff=True).compact,
        "a stranger's key": good.by_stranger(),
        "a stranger's key and an unknown kid": good.by_stranger(kid="stranger"),
        "kid is a path": good.by_stranger(kid="../../../../dev/null"),
        "kid is SQL": good.by_stranger(kid="' OR 1=1 --"),
        "HS256 with an empty secret": hmac_sign(token.with_header(alg="HS256"), b""),
        "HS256 with the kid as secret": hmac_sign(
            token.with_header(alg="HS256"), str(token.header.get("kid", "")).encode()
        ),
        "the refresh token as an access token": good.refresh,
    }


def public_key_forgeries(good: Genuine) -> dict[str, str]:
    """What can be made with the public key, which everybody has."""
    assert good.signer is not None
    if good.signer.algorithm == "HS256":
        return {}
    return {
        "HS256 signed with the public key": hmac_sign(
            good.token.with_header(alg="HS256"), good.signer.public_pem
        ),
        "HS256 signed with the public key, trimmed": hmac_sign(
            good.token.with_header(alg="HS256"), good.signer.public_pem.strip()
        ),
    }


def signed_but_wrong(good: Genuine) -> dict[str, str]:
    """Signed with the deployment's real key: the signature is right, something else is not."""
    now = int(time.time())
    wrong_claims: dict[str, dict[str, Any]] = {
        "another audience": {"aud": "somebody-else"},
        "another issuer": {"iss": "somebody-else"},
        "expired a minute ago": {"exp": now - 60},
        "expired a second ago": {"exp": now - 1},
        "expiry as text": {"exp": str(now + 300)},
        "issued in ten minutes": {"iat": now + 600},
        "not valid before ten minutes from now": {"nbf": now + 600},
        "another transport": {"transport": "cookie"},
        "subject as a number": {"sub": 1},
    }
    missing = {
        f"no {claim}": {claim: None}
        for claim in ("aud", "iss", "exp", "iat", "sub", "jti", "sid", "transport")
    }
    wrong_headers: dict[str, dict[str, Any]] = {
        "typ of a refresh token": {"typ": "rt+jwt"},
        "typ JWT": {"typ": "JWT"},
        "no typ": {"typ": None},
        "unknown kid": {"kid": "nobody"},
        "no kid": {"kid": None},
        "crit with an unknown extension": {"crit": ["x-lab"], "x-lab": 1},
        "alg in lower case": {"alg": str(good.token.header["alg"]).lower()},
    }
    return {
        **{name: good.resigned({}, claims) for name, claims in {**wrong_claims, **missing}.items()},
        **{name: good.resigned(header, {}) for name, header in wrong_headers.items()},
    }


def session_forgeries(key: str) -> dict[str, str]:
    """Session keys that the server has never given out."""
    return {
        "random, of the same shape": secrets.token_hex(len(key))[: len(key)],
        "one character changed": altered(key),
        "one character missing": key[:-1],
        "one character more": key + "a",
        "upper case": key.upper() if key.upper() != key else key.lower(),
        "one character": "a",
        f"{LONG} characters": "a" * LONG,
        "what the database keeps instead of it (SHA-256)": hashlib.sha256(key.encode()).hexdigest(),
        "SQL": "'OR'1'='1",
        "a path": "../../../../etc/passwd",
        "a pattern": "*",
        "a name of the store": "session:" + key,
    }
