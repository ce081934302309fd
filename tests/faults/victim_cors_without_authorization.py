"""CORS names the origin and forgets the header that carries the token."""

from authcompare.experiments.victim.settings import *  # noqa: F403

CORS_ALLOW_HEADERS = ["accept", "content-type", "x-csrftoken"]
