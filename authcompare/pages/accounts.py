"""The given accounts, for the pages that show them: a demo has some, nothing else has."""

import json
import shlex
from typing import Any

from django.conf import settings
from django.http import HttpRequest

ROLES = {"alice": "user", "bob": "user", "admin": "administrator"}


def demo_accounts(request: HttpRequest) -> dict[str, Any]:
    """For every template: `accounts`, a list of (username, password, role)."""
    shown = ROLES if settings.DEMO_PASSWORD else {}
    return {"accounts": [(name, settings.DEMO_PASSWORD, role) for name, role in shown.items()]}


def shell(request: HttpRequest) -> dict[str, str]:
    """For lines to be pasted into a shell: `base`, where this site is, and `credentials`, a quoted body."""
    login = {"username": "alice", "password": settings.DEMO_PASSWORD or "YOUR-PASSWORD"}
    return {
        "base": request.build_absolute_uri("/").rstrip("/"),
        "credentials": shlex.quote(json.dumps(login)),
    }
