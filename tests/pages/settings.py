"""The product's settings, but results are looked for in a place of their own: a test shows what it wrote."""

import os
from pathlib import Path

from authcompare.settings import *  # noqa: F403

VAR = Path(os.environ["RESULTS_IN"])
