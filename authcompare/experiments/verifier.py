"""A second service that accepts our access tokens: it holds the address of the public keys and nothing else.

No database, no secret, no framework. Read it as the example of how another team's service checks a token:

    python -m authcompare.experiments.verifier --jwks http://127.0.0.1:8000/.well-known/jwks.json --port 9000
    curl -H "Authorization: Bearer $ACCESS" http://127.0.0.1:9000/me

It cannot know that a login has ended: a token works here until it expires.
"""

import argparse
import json
import re
import sys
import threading
import time
import urllib.request
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

COMPACT = re.compile(r"[A-Za-z0-9_-]{1,1000}\.[A-Za-z0-9_-]{1,8000}\.[A-Za-z0-9_-]{1,200}", re.ASCII)
ALGORITHMS = {"ES256", "EdDSA"}  # of public keys; a shared secret has no business here
CLAIMS = {"iss": str, "aud": str, "sub": str, "exp": int, "iat": int, "jti": str, "username": str}
CLOCK_TOLERANCE = 60  # seconds that the issuer's clock may be ahead of ours
FETCH_SECONDS = 2  # how long the issuer may take to answer
RETRY_SECONDS = 1.0  # the issuer is asked at most this often, whatever tokens strangers show
DEFAULT_AGE_SECONDS = 300
STALE_SECONDS = 24 * 3600  # an issuer that does not answer is believed this long


class Refused(Exception):
    """The token is not one of the issuer's that is in force and meant for us."""


class NoAnswer(Exception):
    """The issuer has not answered yet, or not for too long: nobody can say anything about a token."""


class PublicKeys:
    """The issuer's keys by `kid`, kept as long as the answer allows, and longer while nobody answers."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._asked_at = self._fresh_until = float("-inf")

    def find(self, kid: str) -> jwt.PyJWK | None:
        """The key; asks the issuer when the answer is too old or does not know `kid`."""
        unknown = kid not in self._keys
        wanted = unknown or time.monotonic() >= self._fresh_until
        # Whoever shows a key that is known never waits for an issuer that another request is asking.
        if wanted and self._lock.acquire(blocking=unknown):
            try:
                self._ask(kid)
            finally:
                self._lock.release()
        if time.monotonic() - self._fetched_at > STALE_SECONDS:
            raise NoAnswer
        return self._keys.get(kid)

    def _ask(self, kid: str) -> None:
        now = time.monotonic()
        wanted = kid not in self._keys or now >= self._fresh_until
        if wanted and now - self._asked_at >= RETRY_SECONDS:
            self._asked_at = now
            self._fetch(now)

    def _fetch(self, now: float) -> None:
        try:
            with urllib.request.urlopen(self.url, timeout=FETCH_SECONDS) as answer:  # noqa: S310
                published = json.loads(answer.read(100_000))["keys"]
                age = max_age(answer.headers.get("Cache-Control", ""))
            keys = {jwk["kid"]: jwt.PyJWK(jwk) for jwk in published if usable(jwk)}
        except (OSError, HTTPException, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            sys.stderr.write(f"{self.url} not read: {error}\n")
            return
        self._keys, self._fetched_at, self._fresh_until = keys, now, now + age


def usable(jwk: Any) -> bool:
    """Whether a published key is one to verify signatures with."""
    return (
        isinstance(jwk, dict)
        and jwk.get("alg") in ALGORITHMS
        and jwk.get("use") == "sig"
        and isinstance(jwk.get("kid"), str)
    )


def max_age(cache_control: str) -> int:
    """The seconds that `Cache-Control` allows."""
    if "no-store" in cache_control or "no-cache" in cache_control:
        return 0
    found = re.search(r"max-age=(\d+)", cache_control)
    return int(found[1]) if found else DEFAULT_AGE_SECONDS


class Verifier:
    """Says who a token speaks for."""

    def __init__(self, keys: PublicKeys, issuer: str, audience: str) -> None:
        self.keys = keys
        self.expected: dict[str, Any] = {
            "issuer": issuer,
            "audience": audience,
            "options": {"require": list(CLAIMS), "strict_aud": True, "verify_iat": False},
        }

    def claims(self, token: str) -> dict[str, Any]:
        """Raises Refused, or NoAnswer where it cannot be said."""
        if not COMPACT.fullmatch(token):
            raise Refused
        try:
            key = self._key(jwt.get_unverified_header(token))
            claims = jwt.decode(token, key, algorithms=[key.algorithm_name], **self.expected)
        except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
            raise Refused from error
        if any(type(claims[name]) is not kind for name, kind in CLAIMS.items()):
            raise Refused
        if claims["iat"] > time.time() + CLOCK_TOLERANCE:
            raise Refused
        return claims

    def _key(self, header: dict[str, Any]) -> jwt.PyJWK:
        typ, kid = header.get("typ"), header.get("kid")
        # RFC 9068 §4: a refresh token, or any other of the same issuer, must not pass for an access token.
        if str(typ).lower().removeprefix("application/") != "at+jwt" or not isinstance(kid, str):
            raise Refused
        key = self.keys.find(kid)
        if key is None or "crit" in header:
            raise Refused
        return key


class Handler(BaseHTTPRequestHandler):
    """`GET /me`: 200 with who it is, 401 with a challenge (RFC 6750)."""

    verifier: Verifier
    protocol_version = "HTTP/1.1"  # connections may be kept
    timeout = 10  # seconds for a client to say what it wants
    wbufsize = -1  # head and body in one packet: a body of its own waits 40 ms for the head to be confirmed

    def do_GET(self) -> None:
        scheme, _, token = self.headers.get("Authorization", "").strip().partition(" ")
        if self.path != "/me":
            self.answer(404, {"detail": "There is only /me."})
        elif scheme.lower() != "bearer":
            self.answer(401, {"detail": "Show an access token."}, 'Bearer realm="verifier"')
        else:
            self.say_who(token)

    def say_who(self, token: str) -> None:
        """The answer to a token."""
        try:
            claims = self.verifier.claims(token)
        except Refused:
            self.answer(
                401, {"detail": "Expired, or not ours."}, 'Bearer realm="verifier", error="invalid_token"'
            )
        except NoAnswer:
            self.answer(503, {"detail": "The issuer does not answer."})
        else:
            self.answer(200, {name: claims[name] for name in ("sub", "username", "exp")})

    def answer(self, status: int, body: dict[str, Any], challenge: str = "") -> None:
        """JSON."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: an address may carry what is nobody's business."""


def main(kind: type[Verifier] = Verifier) -> None:
    """Serve on this machine until ended; the first line printed is the address."""
    parser = argparse.ArgumentParser(description=kind.__doc__)
    parser.add_argument("--jwks", required=True, help="where the issuer publishes its keys")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--issuer", default="authcompare")
    parser.add_argument("--audience", default="authcompare-api")
    wanted = parser.parse_args()
    if not wanted.jwks.startswith(("http://", "https://")):
        parser.error("--jwks: http:// or https://, please")
    Handler.verifier = kind(PublicKeys(wanted.jwks), wanted.issuer, wanted.audience)
    server = ThreadingHTTPServer(("127.0.0.1", wanted.port), Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
