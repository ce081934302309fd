"""Django's CSRF check for API views, which Django's middleware leaves out because DRF exempts them."""

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework import exceptions
from rest_framework.request import Request


class CSRFCheck(CsrfViewMiddleware):
    """Django's check; returns the reason for a refusal instead of a response."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def check_csrf(request: Request) -> None:
    """Raises PermissionDenied (403, type `csrf`) for an unsafe request without a valid CSRF token."""
    check = CSRFCheck(lambda request: None)  # type: ignore[arg-type]
    check.process_request(request._request)
    reason = check.process_view(request._request, None, (), {})  # type: ignore[arg-type]
    if reason:
        raise exceptions.PermissionDenied(f"CSRF check failed: {reason}", code="csrf")
