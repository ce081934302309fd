"""One migrated database for all live tests: making it takes longer than starting a server."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from authcompare.experiments import results
from authcompare.experiments.browsing.chromium import lacking
from authcompare.experiments.browsing.variants import VICTIM
from authcompare.experiments.claim import Claim
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.frame import Finished, Frame
from authcompare.experiments.leaving import ENDINGS
from authcompare.experiments.live import postgres
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.telling import readme
from tests.experiments.commanding import HOLDS


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


@pytest.fixture(scope="module")
def victim(fleet: Fleet) -> Iterator[Site]:
    """The victim as the claims have it."""
    (site,) = fleet.start([VICTIM])
    yield site
    site.end()


@pytest.fixture
def faulty_victim(fleet: Fleet) -> Iterator[Callable[[str], Site]]:
    """The victim with a planted fault, in the same browsers."""
    started: list[Site] = []

    def start(fault: str) -> Site:
        module = f"tests.faults.victim_{fault}"
        started.extend(fleet.start([replace(VICTIM, settings={"DJANGO_SETTINGS_MODULE": module})]))
        return started[-1]

    yield start
    for site in started:
        site.end()


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


@pytest.fixture
def signals() -> Iterator[None]:
    """The command takes them; whoever runs these tests wants them back."""
    before = {one: signal.getsignal(one) for one in ENDINGS}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.fixture
def newest(signals: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where /report/ looks; a test must not overwrite somebody's evidence."""
    monkeypatch.setattr(results, "BASE_DIR", tmp_path)
    monkeypatch.setattr(results, "NEWEST", tmp_path / "results.json")
    return tmp_path / "results.json"


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Every claim comes to this verdict; where they are given by name, all others hold."""

    def arrange(outcome: Any) -> None:
        def run(frame: Frame, claim: Claim[Any]) -> Finished:
            by_name = outcome if isinstance(outcome, dict) else {claim.name: outcome}
            return Finished(claim, claim.arms(frame.quick), by_name.get(claim.name, HOLDS))

        monkeypatch.setattr(Frame, "run", run)

    return arrange


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where shipped results go; beside it a README with a place for them."""
    page = tmp_path / "README.md"
    page.write_text("<!-- verdicts -->\n<!-- /verdicts -->\n")
    monkeypatch.setattr(readme, "README", page)
    monkeypatch.setattr(results, "SHIPPED", tmp_path / "shipped.json")
    return tmp_path / "shipped.json"


def give_up(words: str) -> None:
    """What a machine may lack, CI may not."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(words)
