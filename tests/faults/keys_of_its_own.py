"""Every process makes itself a key that no other process has."""

import tempfile
from pathlib import Path

from authcompare.settings import *  # noqa: F403
from authcompare.settings import TOKEN_KEYS as SHARED_KEYS

SHARED_KEYS.mkdir(parents=True, exist_ok=True)
TOKEN_KEYS = Path(tempfile.mkdtemp(dir=SHARED_KEYS))
