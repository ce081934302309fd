"""In production, too, the session cookie goes by a name that any sibling may set."""

from authcompare.experiments.victim.settings import *  # noqa: F403

SESSION_COOKIE_NAME = "sessionid"
