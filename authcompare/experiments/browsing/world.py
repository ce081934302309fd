"""What stands around a deployment: browsers to come with, and a site of somebody else."""

from pathlib import Path

from authcompare.experiments.browsing.certificate import Certificate
from authcompare.experiments.browsing.chromium import Chromium
from authcompare.experiments.browsing.outsider import Outsider


class World:
    """One for all deployments over TLS of a fleet; whoever made it closes it."""

    def __init__(self, directory: Path) -> None:
        self.certificate = Certificate.make(directory)
        self.outsider = Outsider(self.certificate)
        self.chromium = Chromium(directory)

    def close(self) -> None:
        """End the browsers and the other site; may be called twice."""
        self.chromium.close()
        self.outsider.close()
