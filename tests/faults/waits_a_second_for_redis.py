"""A Redis that does not answer is waited for, but not until it comes back."""

from authcompare.settings import *  # noqa: F403
from authcompare.settings import CACHES
from tests.patience import patient

CACHES = patient(CACHES, seconds=1.0)
