"""A Redis that does not answer is waited for."""

from authcompare.settings import *  # noqa: F403
from authcompare.settings import CACHES

if CACHES["default"]["BACKEND"].startswith("django_redis"):
    CACHES["default"]["OPTIONS"]["SOCKET_TIMEOUT"] = 10
