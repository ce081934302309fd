"""Tokens that this process has verified already: the signature of a byte string does not change.

Kept by hash, bounded, dropped when the keys change. Whatever can change is not kept but checked each time:
expiry here, the login by TOKEN_CHECK in the authenticator.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from tokens_demo.tokens import keys

BOUND = 10_000  # where TOKEN_REMEMBERED says nothing else

Claims = dict[str, Any]

_verified: dict[bytes, tuple[object, Claims]] = {}
_lock = threading.Lock()


def verified_once(token: str, verify: Callable[[], Claims]) -> Claims:
    """The claims of `token`; `verify` runs at first sight only, and again when the keys have changed."""
    ring = keys.ring()
    ring.look()
    # Taken before `verify` runs: if a key is removed meanwhile, what it verified must not be remembered.
    generation = ring.generation
    name = hashlib.sha256(token.encode("latin-1", "replace")).digest()
    known, claims = _verified.get(name, (None, {}))
    if known is not generation or claims["exp"] <= time.time():
        claims = verify()
        _remember(name, generation, claims)
    return claims


def _remember(name: bytes, generation: object, claims: Claims) -> None:
    bound = getattr(settings, "TOKEN_REMEMBERED", BOUND)
    with _lock:
        while len(_verified) >= bound:
            del _verified[next(iter(_verified))]  # the oldest
        _verified[name] = generation, claims
