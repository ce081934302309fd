"""What `compare` shows in the end; plain lines where nobody watches a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from authcompare.experiments.frame import Finished
from authcompare.experiments.telling.contents import (
    FIGURE_HEADS,
    POINT_HEADS,
    conclusion,
    environment_lines,
    figure_rows,
    point_rows,
)
from authcompare.experiments.telling.standing import Standing, decided, standings

PLAIN_WIDTH = 160
COLOURS = {
    "HOLDS": "green",
    "REFUTED": "red",
    "DEPENDS": "cyan",
    "INCONCLUSIVE": "yellow",
    "BROKEN": "magenta",
}


def console(stream: Any) -> Console:
    """As wide as the terminal; wide enough for a table in a log."""
    found = Console(file=stream, highlight=False)
    return found if found.is_terminal else Console(file=stream, highlight=False, width=PLAIN_WIDTH)


def show(out: Console, found: Mapping[str, Any]) -> None:
    """The same as the other reports, in the same order: verdicts, curve, each claim, what people say."""
    claims = found["claims"]
    rows = [
        [f"{one['row']}\n“{one['statement']}”", one["verdict"]["kind"], conclusion(one)] for one in claims
    ]
    out.print(lines("Verdicts", ["Topic, and what people say", "Verdict", "In words"], rows))
    if rows := point_rows(claims):
        out.print(lines("What ending a login at once costs", POINT_HEADS, rows))
    for one in claims:
        _claim(out, one)
    _common(out, standings(claims))
    for name, value in environment_lines(found):
        out.print(f"{escaped(name)}: {escaped(value)}")


def lines(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table with a line under every row."""
    table = Table(title=title, title_justify="left", show_lines=True)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(_coloured(cell) for cell in row))
    return table


def _coloured(cell: str) -> str:
    return f"[{COLOURS[cell]}]{cell}[/]" if cell in COLOURS else escaped(cell)


def _claim(out: Console, entry: Mapping[str, Any]) -> None:
    found = entry["verdict"]
    out.print(f"\n[bold]{escaped(entry['row'])}[/bold]: {escaped(found['because'])}")
    if found["rule"]:
        out.print(f"  The rule: {escaped(found['rule'])}")
    if found["needs"]:
        out.print(f"  It would take {escaped(found['needs'])}.")
    show_figures(out, found)


def show_figures(out: Console, found: Mapping[str, Any]) -> None:
    """The figures that something rests on, and every doubt about it."""
    if found["figures"]:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
        for head in FIGURE_HEADS:
            table.add_column(head, overflow="fold")
        for row in figure_rows(found):
            table.add_row(*map(escaped, row))
        out.print(table)
    for doubt in found["doubts"]:
        out.print(f"  [yellow]![/yellow] {escaped(doubt)}")


def _common(out: Console, found: Sequence[Standing]) -> None:
    rows = [
        [one.claim.id, one.claim.claim, ruling.kind, ruling.because]
        for one in found
        for ruling in one.rulings
    ]
    if rows:
        out.print(lines("What people say", ["Claim", "What people say", "Verdict", "Why"], rows))
    out.print(f"{decided(found)} of {len(found)} common claims have a verdict.\n")


def show_times(out: Console, finished: Sequence[Finished], quick: bool) -> None:
    """How long each claim took and may take; they ran side by side, so this adds up to more than the run."""
    table = Table(title="Time", title_justify="left", box=None)
    for head in ("Claim", "Seconds", "Budget"):
        table.add_column(head, justify="left" if head == "Claim" else "right")
    for one in sorted(finished, key=lambda one: -one.seconds):
        budget = one.claim.budget[0 if quick else 1]
        over = " [yellow]over[/yellow]" if one.seconds > budget else ""
        table.add_row(one.claim.name, f"{one.seconds:.1f}", f"{budget:.0f}{over}")
    out.print(table)


def escaped(text: str) -> str:
    """Square brackets of ours are not rich's."""
    return text.replace("[", "\\[")
