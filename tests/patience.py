"""A Redis that is waited for: when the product's 0.25 s are over on a busy machine, the database is asked."""

from typing import Any

SECONDS = 30


def patient(caches: dict[str, Any]) -> dict[str, Any]:
    """These, with time for the default one to answer."""
    default = caches["default"]
    waits = {"SOCKET_CONNECT_TIMEOUT": SECONDS, "SOCKET_TIMEOUT": SECONDS}
    return caches | {"default": default | {"OPTIONS": default.get("OPTIONS", {}) | waits}}
