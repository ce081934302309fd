"""The server's clock is a minute ahead of the lab's."""

import time
from datetime import timedelta

from django.utils import timezone

from authcompare.settings import *  # noqa: F403

AHEAD_SECONDS = 60

_time, _now = time.time, timezone.now
time.time = lambda: _time() + AHEAD_SECONDS
timezone.now = lambda: _now() + timedelta(seconds=AHEAD_SECONDS)
