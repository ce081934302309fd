"""The rows of the table, in the order in which every output shows them."""

from collections.abc import Iterable, Mapping
from typing import Any

ROWS = (
    "State management",
    "Storage",
    "Scalability",
    "Performance",
    "Performance: look-ups",
    "Performance: where the time goes",
    "Performance: the whole cycle",
    "Performance: slow requests",
    "Security: tampering",
    "Security: script injection",
    "Security: cross-site request forgery",
    "Security: stolen credential",
    "Security: what a leak gives away",
    "Cross-domain",
    "Expiration",
    "Revocation",
    "Stale rights",
    "Size",
    "Store outage",
    "Renewal",
    "Independent verifier",
    "Use case",
    "Trade-off",
)


def in_order(entries: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Claims, as results hold them, in the order of their rows."""
    return sorted(entries, key=lambda one: (place(one["row"]), one["name"]))


def place(row: str) -> tuple[int, str]:
    """Sorts by this order. "Performance: x" follows "Performance"; what it does not name comes last."""
    numbers = [number for number, name in enumerate(ROWS) if row.startswith(name)]
    return max(numbers, default=len(ROWS)), row
