"""CORS names whoever asks, and lets credentials through."""

from authcompare.experiments.victim.settings import *  # noqa: F403

CORS_ALLOW_ALL_ORIGINS = True
