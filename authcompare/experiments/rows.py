"""The rows of the table, in the order in which every output shows them."""

ROWS = (
    "State management",
    "Storage",
    "Scalability",
    "Performance",
    "Performance: look-ups",
    "Performance: where the time goes",
    "Performance: the whole cycle",
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
    "Trade-off (derived)",
)


def place(row: str) -> tuple[int, str]:
    """Sorts by this order; what it does not name comes last, by name."""
    return (ROWS.index(row) if row in ROWS else len(ROWS), row)
