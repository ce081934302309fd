"""Settings under which Django's own test suites run against our session engine; see `.ci/django-suites`."""

import os

SESSION_STORE = os.environ["SESSION_STORE"]
REDIS_URL = os.environ["REDIS_URL"]
SESSION_ENGINE = "sessions_demo.store"
SESSION_IDLE_SECONDS = SESSION_ABSOLUTE_SECONDS = 14 * 24 * 3600
TOKEN_ACCESS_SECONDS = 300

CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": REDIS_URL}}
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3"},
    "other": {"ENGINE": "django.db.backends.sqlite3"},
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECRET_KEY = "django_tests_secret_key"
USE_TZ = False
