"""What every browser claim is: a probe that needs Chromium and the victim."""

from typing import Any, TypeVar

from authcompare.experiments.browsing.chromium import lacking
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.variants import VICTIM
from authcompare.experiments.claim import Arm, Probe

Sample = TypeVar("Sample")


class BrowserProbe(Probe[Sample]):
    """Skipped where there is no browser."""

    browser = True

    @property
    def lacking(self) -> str:
        return lacking()


def victim_arm(name: str, place: Place, **parameters: Any) -> Arm:
    """The victim, by the scheme of what its page keeps in that place."""
    return Arm(name, VICTIM, place.scheme, parameters={"place": place, **parameters})
