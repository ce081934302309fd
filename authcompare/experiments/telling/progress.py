"""What `compare` says while it runs: what is measured now, and how long is left."""

import time
from threading import Lock
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from authcompare.experiments.claim import Claim
from authcompare.experiments.schedule import Outlook

SAY_EVERY_SECONDS = 5.0


class Teller:
    """A bar per claim on a terminal; elsewhere one line now and then. Claims in several threads tell it."""

    def __init__(self, console: Console, outlook: Outlook) -> None:
        self._console, self._outlook = console, outlook
        self._lock = Lock()
        self._began = self._said_at = time.monotonic()
        self._doing: dict[str, tuple[Claim[Any], str, float]] = {}
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.fields[row]:36}"),
            BarColumn(24),
            TextColumn("{task.fields[doing]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def step(self, claim: Claim[Any], text: str, share: float) -> None:
        """What the frame is doing."""
        with self._lock:
            began = self._doing.get(claim.name, (claim, text, time.monotonic()))[2]
            self._doing[claim.name] = (claim, text, began)
            self._outlook.progressed(claim.name, share)
            if share >= 1.0:
                del self._doing[claim.name]
            self._show(claim, text, share)

    def _show(self, claim: Claim[Any], text: str, share: float) -> None:
        for name, (_, _, began) in self._doing.items():
            self._outlook.passed(name, time.monotonic() - began)
        if self._console.is_terminal:
            self._move_bar("", f"about {self._outlook.seconds:.0f} s left", None)
            self._move_bar(claim.row, text, share)
        elif time.monotonic() - self._said_at > SAY_EVERY_SECONDS:
            self._said_at = time.monotonic()
            self._console.print(self.line, highlight=False)

    def _move_bar(self, row: str, text: str, share: float | None) -> None:
        if row not in self._tasks:
            self._tasks[row] = self._bars.add_task("", total=1.0, row=row or "Everything", doing=text)
        self._bars.update(self._tasks[row], completed=share, doing=text)

    @property
    def line(self) -> str:
        """Everything that is going on, for a log."""
        now = "; ".join(f"{claim.row}: {text}" for claim, text, _ in self._doing.values())
        passed = time.monotonic() - self._began
        return f"{passed:.0f} s, about {self._outlook.seconds:.0f} s left. {now}"
