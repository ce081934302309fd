"""What `compare` shows while it runs and in the end; plain lines where nobody watches a terminal."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from authcompare.experiments.claim import Claim
from authcompare.experiments.report import conclusion

PLAIN_WIDTH = 160
COLOURS = {
    "HOLDS": "green",
    "REFUTED": "red",
    "DEPENDS": "cyan",
    "INCONCLUSIVE": "yellow",
    "BROKEN": "magenta",
}
SAY_EVERY_SECONDS = 5.0


class Teller:
    """A bar per claim on a terminal; elsewhere one line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tasks: dict[str, TaskID] = {}
        self._said_at = 0.0
        self._bars = Progress(
            TextColumn("{task.fields[row]:24}"),
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
        if self._console.is_terminal:
            task = self._tasks.get(claim.name)
            if task is None:
                task = self._tasks[claim.name] = self._bars.add_task("", total=1.0, row=claim.row, doing=text)
            self._bars.update(task, completed=share, doing=text)
        elif time.monotonic() - self._said_at > SAY_EVERY_SECONDS:
            self._said_at = time.monotonic()
            self._console.print(f"{claim.row}: {text}", highlight=False)


def console(stream: Any) -> Console:
    """As wide as the terminal; wide enough for a table in a log."""
    found = Console(file=stream, highlight=False)
    return found if found.is_terminal else Console(file=stream, highlight=False, width=PLAIN_WIDTH)


def show(out: Console, entries: Sequence[Mapping[str, Any]]) -> None:
    """The verdict table, then each claim's figures."""
    table = Table(title="Verdicts", title_justify="left", show_lines=True)
    for head in ("Row", "Verdict", "Finding"):
        table.add_column(head, overflow="fold")
    for one in entries:
        kind = one["verdict"]["kind"]
        table.add_row(one["row"], f"[{COLOURS.get(kind, 'white')}]{kind}[/]", escaped(conclusion(one)))
    for one in entries:
        _figures(out, one)
    out.print(table)


def _figures(out: Console, entry: Mapping[str, Any]) -> None:
    found = entry["verdict"]
    out.print(f"\n[bold]{escaped(entry['row'])}[/bold]: {escaped(found['because'])}")
    if found["needs"]:
        out.print(f"  It would take {escaped(found['needs'])}.")
    if found["figures"]:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
        for head in ("What", "Value (interval)", "n", "Note"):
            table.add_column(head, overflow="fold")
        for one in found["figures"]:
            table.add_row(escaped(one["name"]), one["text"], str(one["n"] or "-"), escaped(one["note"]))
        out.print(table)
    for doubt in found["doubts"]:
        out.print(f"  [yellow]![/yellow] {escaped(doubt)}")


def escaped(text: str) -> str:
    """Square brackets of ours are not rich's."""
    return text.replace("[", "\\[")
