"""The signing keys: a directory, one file per key, one algorithm per key (RFC 8725 §3.1).

`<not before>.pem` holds a PKCS #8 private key (P-256 → ES256, Ed25519 → EdDSA), `<not before>.secret` a
base64url secret (HS256); `<not before>` is the Unix time from which the key may sign. Every key in the
directory verifies. No RSA: its PKCS #1 v1.5 signatures are disallowed by ASVS 5.0, Appendix C.
"""

import base64
import hashlib
import hmac
import json
import logging
import re
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from authcompare.keyfiles import written_once

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0  # a key added or removed is noticed within this time
PUBLIC_SECONDS = 300  # how long others may keep our public keys
SECRET_BYTES = 32  # HS256: at least as long as the hash (RFC 7518 §3.2)


@dataclass(frozen=True)
class Key:
    """One key with its one algorithm. `public` is the JWK to publish, None for a shared secret."""

    kid: str
    algorithm: str
    signs_with: Any
    verifies_with: Any
    public: dict[str, str] | None
    not_before: int
    file: Path


class KeyRing:
    """All keys of the directory, by `kid`. `generation` is another object whenever the keys are others."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.generation = object()
        self._lock = threading.Lock()
        self._by_file: dict[str, Key] = {}
        self._keys: dict[str, Key] = {}
        self._looked_at = float("-inf")
        self._seen: object = None

    def find(self, kid: str) -> Key | None:
        """The key named `kid`; `kid` is only ever a name in this directory."""
        self.look()
        return self._keys.get(kid)

    def all(self) -> list[Key]:
        """Every key file, by the time it signs from; one key in two files is there twice."""
        self.look()
        return sorted(self._by_file.values(), key=lambda key: (key.not_before, key.kid))

    def signing(self) -> Key:
        """The newest key of TOKEN_ALGORITHM that may sign already."""
        now, algorithm = time.time(), settings.TOKEN_ALGORITHM
        usable = [key for key in self.all() if key.algorithm == algorithm and key.not_before <= now]
        if not usable:
            raise ImproperlyConfigured(f"No {algorithm} key that may sign in TOKEN_KEYS: run rotatekeys.")
        return usable[-1]

    def public(self) -> list[dict[str, str]]:
        """The JWK set: public halves only, the not yet signing ones too; empty for HS256."""
        self.look()
        return [key.public for key in self._keys.values() if key.public is not None]

    def look(self) -> None:
        """Read the directory again if it changed; looks at most once a second."""
        if self._is_fresh():
            return
        with self._lock:
            if self._is_fresh():
                return
            try:
                if self._seen is None and not settings.PRODUCTION:
                    make_first(self.directory, settings.TOKEN_ALGORITHM)
                self._look_now()
            except (ImproperlyConfigured, OSError) as error:
                if self._seen is None:
                    raise ImproperlyConfigured(str(error)) from error
                log.error("TOKEN_KEYS not read again: %s", error)
            self._looked_at = time.monotonic()

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS

    def _look_now(self) -> None:
        files = _files(self.directory)
        seen = [(file.name, file.stat().st_mtime_ns) for file in files]
        if seen == self._seen:
            return
        read = {file.name: key for file in files if (key := self._read(file)) is not None}
        self._by_file, self._keys = read, {key.kid: key for key in read.values()}
        self.generation = object()
        self._seen = seen

    def _read(self, file: Path) -> Key | None:
        """A broken file stops a start; later it leaves the key it held, and all others, as they were."""
        try:
            return read(file)
        except ImproperlyConfigured as error:
            if self._seen is None:
                raise
            log.error("%s", error)
            return self._by_file.get(file.name)


def _files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        raise ImproperlyConfigured(f"TOKEN_KEYS: {directory} is not a directory")
    return sorted(file for file in directory.iterdir() if file.suffix in (".pem", ".secret"))


def read(file: Path) -> Key:
    """The key in `file`. Raises ImproperlyConfigured with one sentence that says what is wrong with it."""
    try:
        if not re.fullmatch("[0-9]{1,12}", file.stem):
            raise ValueError("its name is the Unix time from which it may sign")
        return (_read_secret if file.suffix == ".secret" else _read_private)(file, int(file.stem))
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ImproperlyConfigured(f"TOKEN_KEYS: {file.name} is no key: {error}") from error


def _read_secret(file: Path, not_before: int) -> Key:
    text = file.read_bytes().strip().rstrip(b"=")
    secret = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(secret) < SECRET_BYTES:
        raise ValueError(f"an HS256 secret has at least {SECRET_BYTES} bytes")
    kid = hmac.new(secret, b"kid", hashlib.sha256).hexdigest()[:16]
    return Key(kid, "HS256", secret, secret, None, not_before, file)


def _read_private(file: Path, not_before: int) -> Key:
    private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    match private:
        case ec.EllipticCurvePrivateKey() if isinstance(private.curve, ec.SECP256R1):
            algorithm, jwk = "ES256", ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        case ed25519.Ed25519PrivateKey():
            algorithm, jwk = "EdDSA", OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
        case _:
            raise ValueError("use a P-256 or an Ed25519 key")
    kid = thumbprint(jwk)
    public = {**_required(jwk), "kid": kid, "use": "sig", "alg": algorithm}
    return Key(kid, algorithm, private, private.public_key(), public, not_before, file)


def _required(jwk: dict[str, Any]) -> dict[str, str]:
    return {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}


def thumbprint(jwk: dict[str, Any]) -> str:
    """RFC 7638: the hash of the required members, sorted, without white space."""
    text = json.dumps(_required(jwk), separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def make(algorithm: str) -> tuple[str, bytes]:
    """A new key as (file suffix, file content)."""
    if algorithm == "HS256":
        return ".secret", base64.urlsafe_b64encode(secrets.token_bytes(48))
    private = (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else ed25519.Ed25519PrivateKey.generate()
    )
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return ".pem", private.private_bytes(*pem)


def make_first(directory: Path, algorithm: str) -> None:
    """The demo and the lab make a key for themselves; several processes at once agree on one."""
    directory.mkdir(parents=True, exist_ok=True)
    if not any(key.algorithm == algorithm for key in map(read, _files(directory))):
        suffix, content = make(algorithm)
        # Names are times, so one fixed name per algorithm lets processes that start together agree on one.
        written_once(directory / f"{['ES256', 'HS256', 'EdDSA'].index(algorithm)}{suffix}", content)


_rings: dict[Path, KeyRing] = {}


def ring() -> KeyRing:
    """The ring of the directory in force."""
    return _rings.get(settings.TOKEN_KEYS) or _rings.setdefault(
        settings.TOKEN_KEYS, KeyRing(settings.TOKEN_KEYS)
    )
