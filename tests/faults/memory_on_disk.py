"""Sessions "in memory" are files that every process reads."""

from authcompare.settings import *  # noqa: F403
from authcompare.settings import CACHES, DATABASES

CACHES["memory"] = {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": f"{DATABASES['default']['NAME']}-sessions",
}
