"""What every browser claim is: a probe that needs Chromium and the victim."""

from typing import TypeVar

from authcompare.experiments.browsing.chromium import lacking
from authcompare.experiments.claim import Probe

Sample = TypeVar("Sample")


class BrowserProbe(Probe[Sample]):
    """Skipped where there is no browser."""

    browser = True

    @property
    def lacking(self) -> str:
        return lacking()
