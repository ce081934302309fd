"""How the API is served (Django REST framework) and described (drf-spectacular); `settings.py` takes both."""

from typing import Any

from authcompare.api.service import SERVICE, SERVICE_COMPONENTS

DESCRIPTION = """\
The same resource, reached in two ways: below `/sessions/` the server remembers you, below `/tokens/` the
client carries what proves who it is. Neither mount takes the other's credential.

**Session.** `POST /sessions/login/`, and the browser keeps the cookie. Every unsafe request, the login too,
also needs the header `X-CSRFToken` with the value of the cookie that `GET /sessions/login/` sets. On this
page both come by themselves.

**Token.** `POST /tokens/login/`, then `Authorization: Bearer ACCESS` (here: the button *Authorize*). With
`"transport": "cookie"` the tokens come in HttpOnly cookies instead, and unsafe requests need `X-CSRFToken`.

Errors are problem details (RFC 9457): `type` is a short word for programs, `detail` a sentence for people.
"""

CSRF = "csrfToken"
CSRF_HEADER = {
    "type": "apiKey",
    "in": "header",
    "name": "X-CSRFToken",
    "description": "The value of the CSRF cookie, beside any cookie that logs in.",
}
OPENAPI_APPS = ["drf_spectacular", "drf_spectacular_sidecar"]

API_SETTINGS: dict[str, Any] = {
    "REST_FRAMEWORK": {
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["authcompare.parsers.JSONParser"],
        "DEFAULT_CONTENT_NEGOTIATION_CLASS": "authcompare.parsers.ContentNegotiation",
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
        "PAGE_SIZE": 20,
        "EXCEPTION_HANDLER": "authcompare.problems.exception_handler",
        "DEFAULT_SCHEMA_CLASS": "authcompare.api.schema.AutoSchema",
    },
    "SPECTACULAR_SETTINGS": {
        "TITLE": "authcompare",
        "VERSION": "0.1.0",
        "DESCRIPTION": DESCRIPTION,
        "OAS_VERSION": "3.1.1",
        "COMPONENT_SPLIT_REQUEST": True,  # who writes a note need not say its id
        "TAGS": [
            {"name": "sessions", "description": "The server remembers"},
            {"name": "tokens", "description": "The client carries"},
            {"name": "service", "description": "Public keys and health"},
        ],
        "SERVE_INCLUDE_SCHEMA": False,
        "PARSER_WHITELIST": ["authcompare.parsers.JSONParser"],
        "APPEND_PATHS": SERVICE,
        "APPEND_COMPONENTS": {"securitySchemes": {CSRF: CSRF_HEADER}, "schemas": SERVICE_COMPONENTS},
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_SETTINGS": {"deepLinking": True, "displayRequestDuration": True},
    },
}
