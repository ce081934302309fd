"""What the benchmarks found, as a file, in the terminal and in the README."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from authcompare.experiments import results
from authcompare.experiments.bench.goal import Bench, Goal
from authcompare.experiments.servers import BASE_DIR
from authcompare.experiments.telling import readme
from authcompare.experiments.telling.markdown import table
from authcompare.experiments.telling.terminal import show_figures
from authcompare.experiments.verdict import amount

NEWEST = BASE_DIR / "var" / "bench.json"
SHIPPED = Path(__file__).resolve().parent / "shipped.json"
PART = "goals"  # of the README
COLOURS = {"reached": "green", "missed": "red", "not decided": "yellow"}


def entry(bench: Bench, run: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """One benchmark as a file keeps it; `run` says when, how and on what."""
    return {
        "title": bench.title,
        "goals": [_goal(goal) for goal in bench.goals],
        "figures": [results.figure(one) for one in bench.figures],
        "doubts": list(bench.doubts),
        "measured": {"started": run["started"], "seconds": round(seconds, 1), "quick": run["quick"],
                     "seed": run["seed"], "command": run["command"]},
        "environment": run["environment"],
    }  # fmt: skip


def _goal(goal: Goal) -> dict[str, Any]:
    return {"name": goal.name, "limit": goal.limit, "word": goal.word, "figure": results.figure(goal.figure)}


def keep(path: Path, found: Mapping[str, Any]) -> dict[str, Any]:
    """Write what was found into the file, beside what other benchmarks found before."""
    both = {"schema": results.SCHEMA, "benches": {**(results.read(path) or {}).get("benches", {}), **found}}
    results.write(path, both)
    return both


def ship(found: Mapping[str, Any]) -> None:
    """Keep it for those who have not measured, and say it in the README."""
    readme.put(PART, tables(keep(SHIPPED, found)))


def tables(shipped: Mapping[str, Any]) -> str:
    """A table a benchmark, with what it was measured on."""
    return "\n".join(_section(one) for one in shipped["benches"].values())


def _section(one: Mapping[str, Any]) -> str:
    rows = [
        [goal["name"], goal["figure"]["text"], f"≤ {amount(goal['limit'])}", f"**{goal['word']}**"]
        for goal in one["goals"]
    ]
    how = one["measured"]
    where = readme.measured_on(how["started"], one["environment"], how["command"])
    notes = "".join(f" {doubt}" for doubt in one["doubts"])
    return f"{table([one['title'], 'Figure', 'Goal', ''], rows)}\n\n{where}.{notes}\n"


def show(out: Console, one: Mapping[str, Any]) -> None:
    """Goals first, then the figures they rest on."""
    goals = Table(title=one["title"], title_justify="left")
    for head in ("Goal", "Figure", "At most", ""):
        goals.add_column(head, overflow="fold")
    for goal in one["goals"]:
        word = f"[{COLOURS[goal['word']]}]{goal['word']}[/]"
        goals.add_row(goal["name"], goal["figure"]["text"], amount(goal["limit"]), word)
    out.print(goals)
    show_figures(out, one)
