"""The product's settings, but results have a place of their own, and a busy Redis time to answer."""

import os
from pathlib import Path

from authcompare.settings import *  # noqa: F403
from authcompare.settings import CACHES
from tests.patience import patient

VAR = Path(os.environ["RESULTS_IN"])
CACHES = patient(CACHES)
