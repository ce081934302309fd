"""Response headers that Django does not set by itself, and the one content security policy.

Django 6.1 speaks CSP itself, 5.2 through django-csp; one table feeds both.
"""

from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "form-action": ["'self'"],
}
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

BUILT_IN = django.VERSION >= (6, 0)
CSP_MIDDLEWARE = [
    "django.middleware.csp.ContentSecurityPolicyMiddleware" if BUILT_IN else "csp.middleware.CSPMiddleware"
]
HEADER_SETTINGS: dict[str, Any] = {
    **({"SECURE_CSP": POLICY} if BUILT_IN else {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": POLICY}}),
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    "SECURE_REFERRER_POLICY": "same-origin",
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
    "X_FRAME_OPTIONS": "DENY",
}


class SecurityHeaders:
    """Permissions-Policy on everything; `no-store` on whatever was answered for somebody (ASVS 14.3.2)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if response.has_header("Set-Cookie") or self._concerns_somebody(request, response):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    @staticmethod
    def _concerns_somebody(request: HttpRequest, response: HttpResponse) -> bool:
        by_cookie = "Cookie" in response.get("Vary", "") or settings.TOKEN_ACCESS_COOKIE in request.COOKIES
        return by_cookie or "Authorization" in request.headers
