"""Is the process up (`/healthz`), can it serve (`/readyz`), and, in the lab, with which settings."""

import hashlib
import platform
from importlib.metadata import version
from typing import Any

import django
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from tokens_demo.tokens.keys import ring

ATTESTED = [
    "SESSION_STORE",
    "SESSION_IDLE_SECONDS",
    "SESSION_ABSOLUTE_SECONDS",
    "TOKEN_ALGORITHM",
    "TOKEN_CHECK",
    "TOKEN_ACCESS_SECONDS",
    "TOKEN_IDLE_SECONDS",
    "TOKEN_REFRESH_GRACE_SECONDS",
    "TOKEN_ABSOLUTE_SECONDS",
    "TOKEN_REMEMBERED",
    "TOKEN_EXTRA_CLAIMS",
    "LOGIN_LIMIT",
    "WIRE",
]


@csrf_exempt  # reads only: another method is 405, whoever asks
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "up"})


@csrf_exempt  # reads only: another method is 405, whoever asks
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if the database, Redis (where there is one) and a signing key are there; else 503."""
    parts = {"database": _database(), "store": _store(), "keys": _keys()}
    ready = "away" not in parts.values()
    answer: dict[str, Any] = {"status": "ready" if ready else "not ready", **parts}
    if settings.LAB:
        answer["lab"] = attestation()
    return JsonResponse(answer, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "away"
    return "ok"


def _store() -> str:
    if not settings.REDIS_URL:
        return "not used"
    try:
        get_redis_connection("default").ping()
    except RedisError:
        return "away"
    return "ok"


def _keys() -> str:
    try:
        ring().signing()
    except ImproperlyConfigured:
        return "away"
    return "ok"


def attestation() -> dict[str, Any]:
    """The settings in force, read where they are used, so that a variable without effect is noticed."""
    return {
        "nonce": settings.LAB_NONCE,
        "django_settings_module": settings.SETTINGS_MODULE,
        **{name.lower(): getattr(settings, name) for name in ATTESTED},
        "hasher": get_hasher().algorithm,
        "database": connection.vendor,
        "kept_in": _kept_in(),
        "redis": _redis_version(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "drf": version("djangorestframework"),
        "simplejwt": version("djangorestframework-simplejwt"),
        "pyjwt": version("PyJWT"),
        "commit": _commit(),
    }


def _kept_in() -> str:
    """The same for whoever uses the same database and Redis. A digest: an address may hold a password."""
    database = "{HOST}/{NAME}".format(**connection.settings_dict)
    redis = settings.CACHES["default"].get("LOCATION", "")
    return hashlib.sha256(f"{database} {redis}".encode()).hexdigest()


def _redis_version() -> str | None:
    try:
        about = get_redis_connection("default").info("server") if settings.REDIS_URL else {}
    except RedisError:
        return None
    return about.get("valkey_version") or about.get("redis_version")


def _commit() -> str | None:
    """The checked-out commit, read from .git; None where the code was deployed without it."""
    head = settings.BASE_DIR / ".git" / "HEAD"
    if not head.is_file():
        return None
    content = head.read_text().strip()
    if not content.startswith("ref: "):
        return content
    name = content.removeprefix("ref: ")
    reference = settings.BASE_DIR / ".git" / name
    return reference.read_text().strip() if reference.is_file() else _packed(name)


def _packed(name: str) -> str | None:
    packed = settings.BASE_DIR / ".git" / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)
