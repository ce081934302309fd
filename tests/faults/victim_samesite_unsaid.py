"""Cookies that say nothing about SameSite."""

from authcompare.experiments.victim.settings import *  # noqa: F403

SESSION_COOKIE_SAMESITE = False
