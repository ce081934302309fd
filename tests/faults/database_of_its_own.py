"""The server keeps what it is told in a copy of the database that it was given."""

import shutil

from authcompare.settings import *  # noqa: F403
from authcompare.settings import DATABASES

GIVEN = DATABASES["default"]["NAME"]
DATABASES["default"]["NAME"] = shutil.copy(GIVEN, f"{GIVEN}.own")
