"""Ending other people's logins asks an administrator for the password again, as it asks everybody."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest

from authcompare.logins.views import require_fresh
from authcompare.problems import Reauthenticate

View = Callable[..., Any]
GIVEN_AT = "_password_given_at"  # in a session whose engine knows no login


def fresh(view: View) -> View:
    """To the login first, and back, where the password was asked for too long ago (ASVS 7.5.2)."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            require_fresh(_given_at(request.session))
        except Reauthenticate:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return asked


def fresh_to_write(view: View) -> View:
    """See fresh(); reading needs no password."""
    writing = fresh(view)

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return (writing if request.method == "POST" else view)(request, *args, **kwargs)

    return asked


def _given_at(session: Any) -> datetime:
    """When the password was given: our engine knows it of the login, in any other `AdminLogin` notes it."""
    if hasattr(session, "login"):
        at: datetime = session.login.authenticated_at
        return at
    return datetime.fromtimestamp(session.get(GIVEN_AT, 0), tz=UTC)
