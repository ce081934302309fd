"""The session cookie without HttpOnly."""

from authcompare.experiments.victim.settings import *  # noqa: F403

SESSION_COOKIE_HTTPONLY = False
