"""How long the cryptography of a signature check takes by itself, in this process: no server, no parsing."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from authcompare.experiments.estimates import quantile

ROUNDS, EACH = 30, 20
MESSAGE = b"x" * 300  # about as long as what the signature of an access token covers
SECRET = b"k" * 32


@dataclass(frozen=True)
class Bare:
    """Milliseconds for one check: the median of `n` rounds with its interval."""

    algorithm: str
    ms: float
    low: float
    high: float
    n: int


def bare_checks() -> list[Bare]:
    """Each algorithm that the product signs with."""
    return [
        _timed(name, check) for name, check in (("ES256", _es256()), ("HS256", _hs256()), ("EdDSA", _eddsa()))
    ]


def _es256() -> Callable[[], object]:
    key, by = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
    public, signature = key.public_key(), key.sign(MESSAGE, by)
    return lambda: public.verify(signature, MESSAGE, by)


def _eddsa() -> Callable[[], object]:
    key = ed25519.Ed25519PrivateKey.generate()
    public, signature = key.public_key(), key.sign(MESSAGE)
    return lambda: public.verify(signature, MESSAGE)


def _hs256() -> Callable[[], object]:
    def code() -> hmac.HMAC:
        begun = hmac.HMAC(SECRET, hashes.SHA256())
        begun.update(MESSAGE)
        return begun

    signature = code().finalize()
    return lambda: code().verify(signature)


def _timed(algorithm: str, check: Callable[[], object]) -> Bare:
    check()
    found = quantile([_round(check) for _ in range(ROUNDS)], 0.5)
    return Bare(algorithm, found.value, found.low, found.high, found.n)


def _round(check: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(EACH):
        check()
    return (time.perf_counter() - began) * 1000 / EACH
