"""Django's `db` sessions: a row for each session, and a query for the user."""

from tests.stock.base import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.db"
