"""Django's `signed_cookies` sessions: the cookie is the session; a query for the user."""

from tests.stock.base import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
