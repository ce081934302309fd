"""Django's `cache` sessions: the session in Redis only; a query for the user."""

from tests.stock.base import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.cache"
