"""The project's settings as a lab, on throw-away places. DATABASE_URL and REDIS_URL may name real servers.

Redis' address is settled here and the server started in `conftest.py`: settings are also loaded by processes
that run no tests.
"""

import os
import tempfile
from pathlib import Path

PREFIX = f"{tempfile.gettempdir()}/authcompare-tests-"
PLACE = Path(f"{PREFIX}{os.getpid()}")
for inherited in ("REDIS_URL", "DATABASE_URL"):
    if PREFIX in os.environ.get(inherited, ""):  # of the process that started this one, as pytest-xdist does
        del os.environ[inherited]

os.environ.update(LAB="1", DEBUG="0", TOKEN_KEYS=str(PLACE / "keys"), LAB_FAST_HASHER="1")
# Playwright keeps an event loop in the main thread for the whole run; Django would take that for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
os.environ.setdefault("REDIS_URL", f"unix://{PLACE / 'store' / 'store.sock'}")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{PLACE / 'unused.sqlite3'}")

from authcompare.settings import *  # noqa: E402, F403
from authcompare.settings import CACHES, DATABASES  # noqa: E402
from tests.patience import patient  # noqa: E402

CACHES = patient(CACHES)

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: concurrent tests need connections that really compete.
    DATABASES["default"]["TEST"] = {"NAME": str(PLACE / "test.sqlite3")}
# pytest-django ends test threads' connections; persistent ones would outlive their database.
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Scanning all static files for every test client is slow, and the live server serves them by itself.
WHITENOISE_USE_FINDERS = False
