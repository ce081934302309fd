"""In production, too, the CSRF cookie goes by a name that any sibling may set."""

from authcompare.experiments.victim.settings import *  # noqa: F403

CSRF_COOKIE_NAME = "csrftoken"
