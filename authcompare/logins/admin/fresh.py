"""Ending other people's logins asks an administrator for the password again, as it asks everybody."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest

from authcompare.logins.views import require_fresh
from authcompare.problems import Reauthenticate

View = Callable[..., Any]


def fresh(view: View) -> View:
    """To the login first, and back, where the password was asked for too long ago (ASVS 7.5.2)."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            require_fresh(request.session.login)  # type: ignore[attr-defined]
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
