"""A variable that has no effect: the measurement would compare a thing with itself."""

from authcompare.settings import *  # noqa: F403

TOKEN_CHECK = "none"
