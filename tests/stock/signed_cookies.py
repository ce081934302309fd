"""Django's `signed_cookies` sessions: nothing on the server: the session is the cookie. A query for the user; logging out ends nothing."""

from tests.stock.base import *  # noqa: F403

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
