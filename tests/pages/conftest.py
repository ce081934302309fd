"""A real demo and a real browser: what these tests see is what a visitor of `manage.py demo` sees."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from authcompare.experiments import results
from tests.pages import measured
from tests.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct-horse-7"
START_WITHIN_SECONDS = 60
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

expect.set_options(timeout=30_000)  # as long as an action may take


@dataclass
class Demo:
    """`manage.py demo` as a user starts it, with a database and temporary directory of its own."""

    home: Path
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        # Not below `home`: the path of a socket has at most 107 letters.
        self.temporary = Path(tempfile.mkdtemp(prefix="demo-"))
        self.log = self.home / "demo.log"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What the developer's shell or pytest has set must not leak into the demo."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return kept | {
            "DATABASE_URL": f"sqlite:///{self.home / 'db.sqlite3'}",
            "TOKEN_KEYS": str(self.home / "keys"),
            "TMPDIR": str(self.temporary),
            "DEMO_PASSWORD": PASSWORD,
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    def start(self, *words: str) -> "Demo":
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--port", str(self.port), *words],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def said(self) -> str:
        return self.log.read_text()

    def until_said(self, words: str) -> "Demo":
        return self.until(lambda: words in self.said())

    def until(self, reached: Callable[[], object]) -> "Demo":
        """Back when it is so; fails if it has ended before, or takes too long."""
        deadline = time.monotonic() + START_WITHIN_SECONDS
        while not reached():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"it never came to that, but said:\n{self.said()}")
            time.sleep(0.05)
        return self

    def with_module(self, name: str, source: str) -> "Demo":
        """In the place of the one that is installed."""
        hidden = self.home / "hidden"
        hidden.mkdir()
        (hidden / f"{name}.py").write_text(source)
        self.extra["PYTHONPATH"] = str(hidden)
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit code. A terminal sends Ctrl-C to the whole group, and people press it twice."""
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
            time.sleep(0.2)
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return self.process.wait(30)

    def processes(self) -> list[int]:
        """Every process that belongs to this demo, wherever it hangs: all of them carry its TMPDIR."""
        mark = f"TMPDIR={self.temporary}".encode()
        numbers = [int(each.name) for each in Path("/proc").glob("[0-9]*")]
        return [each for each in numbers if mark in said_of(each, "environ")]

    def left_behind(self) -> list[Path]:
        return list(self.temporary.iterdir())

    def clean_up(self) -> None:
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.temporary, ignore_errors=True)


def said_of(process: int, what: str) -> bytes:
    """`environ` or `cmdline`."""
    try:
        return Path(f"/proc/{process}/{what}").read_bytes()
    except OSError:  # it ended meanwhile, or it is somebody else's
        return b""


@pytest.fixture
def make_demo(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Start demos; whatever the test does to them, they are gone afterwards."""
    made: list[Demo] = []

    def make(**options: Any) -> Demo:
        made.append(Demo(tmp_path / str(len(made)), **options))
        return made[-1]

    yield make
    for demo in made:
        if hasattr(demo, "process"):
            demo.clean_up()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all tests that only look at it, with results to look at."""
    home = tmp_path_factory.mktemp("demo")
    results.write(home / "results.json", measured.document())
    own = {"DJANGO_SETTINGS_MODULE": "tests.served_settings", "RESULTS_IN": str(home)}
    running = Demo(home, extra=own).start()
    try:
        running.until_said("is ready")
        yield running
        running.end()
    finally:
        running.clean_up()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Any) -> dict[str, Any]:
    """Use the Chromium that is there; without any, skip, and in CI fail."""
    candidates = [os.environ.get("CHROMIUM_PATH"), "/usr/bin/chromium", playwright.chromium.executable_path]
    found = next((path for path in candidates if path and Path(path).exists()), None)
    if found is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("No Chromium: set CHROMIUM_PATH or run `playwright install chromium`.")
    rootless = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses its sandbox to root
    return {**browser_type_launch_args, "executable_path": found, "args": QUIET + rootless}


@pytest.fixture
def visit(browser: Any, demo: Demo) -> Iterator[Any]:
    """A visit to the demo, during which the browser has nothing to complain about."""
    from tests.pages.browsing import Visit  # which needs what stands above

    visit = Visit.begin(browser, demo)
    yield visit
    assert visit.complaints == []
    visit.context.close()
