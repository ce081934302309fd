"""Lifetimes are read off the time of day, waits are measured by a clock that nobody sets; both must agree."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from authcompare.experiments.deployments.deployment import Broken

STEP_SECONDS = 0.2  # in minutes a clock that is merely corrected moves less


@contextmanager
def unset() -> Iterator[None]:
    """Raises Broken where the time of day was set meanwhile, or the machine slept."""
    before = _apart()
    yield
    if abs(step := _apart() - before) > STEP_SECONDS:
        raise Broken(f"the machine's time of day was set by {step:+.1f} s meanwhile")


def _apart() -> float:
    return time.time() - time.monotonic()
