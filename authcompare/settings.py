"""One settings file. Only what is used; everything from the environment is read in the first part."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as StaleConnection
from redis.retry import Retry

from authcompare.api.configuration import API_SETTINGS, OPENAPI_APPS
from authcompare.headers import CSP_MIDDLEWARE, HEADER_SETTINGS
from authcompare.keyfiles import secret_from

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

env = environ.Env()


def number(name: str, default: int) -> int:
    """A whole number from the environment; anything else is said with its name."""
    try:
        return int(env.int(name, default=default))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: a whole number, please") from error


# --- What the environment says -----------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=True)
LAB = env.bool("LAB", default=False)
PRODUCTION = not DEBUG and not LAB

SESSION_STORE = env.str("SESSION_STORE", default="database")
TOKEN_CHECK = env.str("TOKEN_CHECK", default="none")
NEEDS_REDIS = SESSION_STORE == "cached" or TOKEN_CHECK == "denylist"

REQUIRED_IN_PRODUCTION = ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "TOKEN_KEYS"]
REQUIRED_IN_PRODUCTION += ["REDIS_URL"] if NEEDS_REDIS else []
if PRODUCTION and (missing := [name for name in REQUIRED_IN_PRODUCTION if not env.str(name, default="")]):
    raise ImproperlyConfigured("Production (DEBUG=False without LAB) needs: " + ", ".join(missing))

(VAR / "static").mkdir(parents=True, exist_ok=True)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_from(VAR / "secret-key")
LOOPBACK_NAMES = ["localhost", ".localhost", ".test", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = LOOPBACK_NAMES if LAB else env.list("ALLOWED_HOSTS", default=LOOPBACK_NAMES)

SESSION_IDLE_SECONDS = number("SESSION_IDLE_SECONDS", default=2 * 3600)
SESSION_ABSOLUTE_SECONDS = number("SESSION_ABSOLUTE_SECONDS", default=14 * 24 * 3600)

TOKEN_ALGORITHM = env.str("TOKEN_ALGORITHM", default="ES256")
TOKEN_KEYS = Path(env.str("TOKEN_KEYS", default=str(VAR / "keys")))
TOKEN_ACCESS_SECONDS = number("TOKEN_ACCESS_SECONDS", default=300)
TOKEN_IDLE_SECONDS = number("TOKEN_IDLE_SECONDS", default=2 * 3600)
TOKEN_REFRESH_GRACE_SECONDS = number("TOKEN_REFRESH_GRACE_SECONDS", default=10)
TOKEN_ABSOLUTE_SECONDS = number("TOKEN_ABSOLUTE_SECONDS", default=14 * 24 * 3600)
TOKEN_REMEMBERED = number("TOKEN_REMEMBERED", default=10_000)
TOKEN_EXTRA_CLAIMS = env.str("TOKEN_EXTRA_CLAIMS", default="")

LOGIN_LIMIT = number("LOGIN_LIMIT", default=5)
TRUSTED_PROXIES = number("TRUSTED_PROXIES", default=0)
REDIS_URL = env.str("REDIS_URL", default="")
WIRE = env.bool("WIRE", default=False)
LAB_NONCE = env.str("LAB_NONCE", default="")
LAB_FAST_HASHER = env.bool("LAB_FAST_HASHER", default=False)
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="") if LAB else ""
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])

# --- What may not be ---------------------------------------------------------------------------------------

CHOICES = {
    "SESSION_STORE": (SESSION_STORE, {"database", "cached", "memory"} if LAB else {"database", "cached"}),
    "TOKEN_CHECK": (TOKEN_CHECK, {"none", "denylist", "database"}),
    "TOKEN_ALGORITHM": (TOKEN_ALGORITHM, {"ES256", "HS256", "EdDSA"}),
}
for name, (value, allowed) in CHOICES.items():
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r}: choose one of {', '.join(sorted(allowed))}")
SECONDS = {name: value for name, value in globals().copy().items() if name.endswith("_SECONDS")}
if wrong := [name for name, value in SECONDS.items() if value <= 0 and name != "TOKEN_REFRESH_GRACE_SECONDS"]:
    raise ImproperlyConfigured("More than 0 seconds, please: " + ", ".join(wrong))
if LOGIN_LIMIT < 1 or TOKEN_REMEMBERED < 1 or TRUSTED_PROXIES < 0:
    raise ImproperlyConfigured(
        "LOGIN_LIMIT and TOKEN_REMEMBERED: 1 or more, TRUSTED_PROXIES: 0 or more, please"
    )
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY: 50 characters or more, please, made at random")
elsewhere = {host for host in ALLOWED_HOSTS if not host.endswith((".localhost", ".test"))} - {*LOOPBACK_NAMES}
if DEBUG and not LAB and elsewhere:
    raise ImproperlyConfigured(f"DEBUG shows the inside: set it to False to serve {', '.join(elsewhere)}")
if NEEDS_REDIS and not (REDIS_URL or DEBUG):
    raise ImproperlyConfigured("SESSION_STORE=cached and TOKEN_CHECK=denylist need REDIS_URL")

# --- The application ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "authcompare.pages",
    "authcompare.experiments",
    "sessions_demo",
    "tokens_demo",
    "authcompare.notes",
    "authcompare.accounts",
    "authcompare.logins",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    *OPENAPI_APPS,
]

MIDDLEWARE = [
    "authcompare.headers.SecurityHeaders",
    *CSP_MIDDLEWARE,
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "authcompare.transport.PlainHTTP",
    *(["authcompare.lab.LoopbackOnly"] if LAB else []),
    *(["authcompare.pages.relay.Relay", "authcompare.wire.Wire"] if LAB and WIRE else []),
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "authcompare.transport.AppendSlash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "sessions_demo.authentication.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "authcompare.problems.NotAllowed",
]

ROOT_URLCONF = "authcompare.urls"
WSGI_APPLICATION = "authcompare.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "authcompare.pages.accounts.demo_accounts",
            ]
        },
    }
]
LANGUAGE_CODE = "en-us"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = True

# --- Where things are kept ---------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR / 'db.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = None
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Without IMMEDIATE a transaction that reads first and writes later fails at once with "database is
    # locked" when somebody else wrote in between; with it, it waits its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",  # pickle would be remote code
            "SOCKET_CONNECT_TIMEOUT": 0.25,
            "SOCKET_TIMEOUT": 0.25,
            # One retry for a pooled connection that went stale, none for a store that does not answer.
            "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 1, supported_errors=(StaleConnection,))},
        },
    }

# SESSION_STORE=memory: every process has its own, which is what the lab shows.
CACHES["memory"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 1_000_000},  # Django's 300 would lose sessions, and blame memory for it
}
SESSION_CACHE_ALIAS = "memory"

# --- Who you are -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "authcompare.accounts.passwords.ContextWords"},
]
if LAB and LAB_FAST_HASHER:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/sessions/login/"
LOGIN_REDIRECT_URL = "/sessions/"
REAUTHENTICATE_AFTER_SECONDS = 600

SESSION_ENGINE = "sessions_demo.store.memory" if SESSION_STORE == "memory" else "sessions_demo.store"
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "sessionid" if LAB else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if LAB else "__Host-csrftoken"
MESSAGE_STORAGE = "authcompare.transport.MessageCookie"
CSRF_FAILURE_VIEW = "authcompare.problems.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LAB

TOKEN_ISSUER = "authcompare"
TOKEN_AUDIENCE = "authcompare-api"
TOKEN_ACCESS_COOKIE = "access" if LAB else "__Host-access"
TOKEN_REFRESH_COOKIE = "refresh" if LAB else "__Host-refresh"
CORS_URLS_REGEX = r"^/(tokens|\.well-known)/"
# For the cookie transport. It reaches no other site: the cookies are SameSite=Strict.
CORS_ALLOW_CREDENTIALS = True
CORS_EXPOSE_HEADERS = ["X-CSRFToken", "Retry-After", "X-Total-Count"]

# --- How it is served --------------------------------------------------------------------------------------

SECURE_HSTS_SECONDS = 0 if LAB else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LAB
SECURE_SSL_REDIRECT = PRODUCTION
# Only what our own proxies write is believed; without one the header would be the client's word.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REDIRECT_EXEMPT = [""]  # everything: authcompare.transport.PlainHTTP decides what is redirected
globals().update(HEADER_SETTINGS | API_SETTINGS)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Named here, "django" loses the handlers of its own: with DEBUG it would write everything a second time.
    "loggers": {"authcompare.trail": {"level": "INFO"}, "django": {"level": "WARNING"}},
}
