"""One migrated database for all live tests: making it takes longer than starting a server."""

import os
from collections.abc import Callable, Iterator

import pytest

from authcompare.experiments.browsing.chromium import lacking
from authcompare.experiments.live import postgres
from authcompare.experiments.live.fleet import Fleet


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    """Servers of the product as it is."""
    with Fleet() as made:
        yield made


@pytest.fixture
def faulty(fleet: Fleet) -> Iterator[Callable[[str], Fleet]]:
    """Servers with a planted fault, on the same database."""
    made: list[Fleet] = []

    def start(fault: str) -> Fleet:
        made.append(Fleet(f"tests.faults.{fault}", fleet.password, fleet.template))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skip where there is no browser; in CI, fail."""
    if words := lacking():
        give_up(words)


@pytest.fixture(scope="session")
def postgresql() -> None:
    """Skip where it is not installed; in CI, fail."""
    if not postgres.is_installed():
        give_up(postgres.MISSING)


def give_up(words: str) -> None:
    """What a machine may lack, CI may not."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(words)
