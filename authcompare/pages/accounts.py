"""The given accounts, for the pages that show them: a demo has some, nothing else has."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

ROLES = {"alice": "user", "bob": "user", "admin": "administrator"}


def demo_accounts(request: HttpRequest) -> dict[str, Any]:
    """For every template: `accounts`, a list of (username, password, role)."""
    shown = ROLES if settings.DEMO_PASSWORD else {}
    return {"accounts": [(name, settings.DEMO_PASSWORD, role) for name, role in shown.items()]}
