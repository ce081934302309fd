"""A Redis that is waited for: when the product's 0.25 s are over on a busy machine, the database is asked."""

from typing import Any

SECONDS = 30


def patient(caches: dict[str, Any], seconds: float = SECONDS) -> dict[str, Any]:
    """These, with time for the default one to answer."""
    default = caches["default"]
    waits = {"SOCKET_CONNECT_TIMEOUT": seconds, "SOCKET_TIMEOUT": seconds}
    return caches | {"default": default | {"OPTIONS": default.get("OPTIONS", {}) | waits}}
