"""The server keeps its copies and marks in another database of the Redis that it was given."""

from authcompare.settings import *  # noqa: F403
from authcompare.settings import CACHES

CACHES["default"]["LOCATION"] += "?db=1"
