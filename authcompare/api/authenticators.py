"""What each authenticator asks of a client, in OpenAPI's words."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from authcompare.api.configuration import CSRF
from authcompare.csrf import SAFE


class ByCookie(OpenApiAuthenticationExtension):
    """A cookie comes by itself, so that an unsafe request has to prove its origin with a second thing."""

    target_class: Any = None
    name: Any
    cookie_setting: str
    description: str

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[Any]]:
        needed = self.name[:1] if auto_schema.method in SAFE else self.name
        return {name: [] for name in needed}

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """Of the cookie; the CSRF token belongs to no authenticator and is in the configuration."""
        cookie = getattr(settings, self.cookie_setting)
        return [{"type": "apiKey", "in": "cookie", "name": cookie, "description": self.description}]


class SessionScheme(ByCookie):
    """`POST /sessions/login/`."""

    target_class = "sessions_demo.authentication.SessionAuthentication"
    name = ["sessionCookie", CSRF]
    cookie_setting = "SESSION_COOKIE_NAME"
    description = "Set by `POST /sessions/login/`; the browser sends it by itself."


class AccessCookieScheme(ByCookie):
    """`POST /tokens/login/` with `"transport": "cookie"`."""

    target_class = "tokens_demo.authentication.CookieAuthentication"
    name = ["accessCookie", CSRF]
    cookie_setting = "TOKEN_ACCESS_COOKIE"
    description = 'Set by `POST /tokens/login/` with `"transport": "cookie"`.'


class BearerScheme(OpenApiAuthenticationExtension):
    """`POST /tokens/login/`."""

    target_class = "tokens_demo.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        says = "`access` from the answer of `POST /tokens/login/`."
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": says}
