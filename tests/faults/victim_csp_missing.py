"""No content security policy at all."""

from authcompare.experiments.victim.settings import *  # noqa: F403
from authcompare.experiments.victim.settings import MIDDLEWARE

MIDDLEWARE = [name for name in MIDDLEWARE if "csp" not in name.lower()]
