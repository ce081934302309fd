"""What `compare` shows in the end; plain lines where nobody watches a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from authcompare.experiments.frame import Finished
from authcompare.experiments.report import conclusion

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
