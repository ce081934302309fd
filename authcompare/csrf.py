"""Django's CSRF check for API views, which Django's middleware leaves out because DRF exempts them."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework import exceptions
from rest_framework.request import Request

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")  # RFC 9110 §9.2.1: nothing is done that one could be tricked into


class CSRFCheck(CsrfViewMiddleware):
    """Django's check; returns the reason for a refusal instead of a response.

    `origins` may send unsafe requests, too: here only; CSRF_TRUSTED_ORIGINS would let them in everywhere.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        super().__init__(lambda request: None)  # type: ignore[arg-type]
        self.allowed_origins_exact = {*origins, *self.allowed_origins_exact}

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def check_csrf(request: Request, origins: Iterable[str] = ()) -> None:
    """Raises PermissionDenied (403, type `csrf`) for an unsafe request without a valid CSRF token.

    It has to come from this very origin, or from one of `origins` (scheme://host:port). Asking twice costs
    nothing: what Django has accepted once it does not look at again (`csrf_processing_done`).
    """
    if request.method in SAFE:
        return
    check = CSRFCheck(origins)
    check.process_request(request._request)
    reason = check.process_view(request._request, None, (), {})  # type: ignore[arg-type]
    if reason:
        raise exceptions.PermissionDenied(f"CSRF check failed: {reason}", code="csrf")
