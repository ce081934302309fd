"""Django's `cached_db` sessions: the session in Redis, its row behind it; a query for the user."""

from tests.stock.base import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
