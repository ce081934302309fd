"""What the benchmarks found, as a file, in the terminal and in the README."""

from collections.abc import Mapping
from dataclasses import asdict
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
from authcompare.experiments.verdict import Figure, amount

NEWEST = BASE_DIR / "var" / "bench.json"
SHIPPED = Path(__file__).resolve().parent / "shipped.json"
PART = "goals"  # of the README
GOAL_HEADS = ("Figure", "n", "Goal")
COLOURS = {"reached": "green", "missed": "red", "not decided": "yellow"}


def entry(bench: Bench, run: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """One benchmark as a file keeps it; `run` says when, how and on what."""
    return {
        "title": bench.title,
        "goals": [_goal(goal) for goal in bench.goals],
        "figures": [results.figure(one) for one in bench.figures],
        "doubts": list(bench.doubts),
        "findings": [asdict(one) for one in bench.findings],
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
    how = one["measured"]
    where = readme.measured_on(how["started"], one["environment"], how["command"])
    notes = "".join(f" {doubt}" for doubt in one["doubts"])
    return f"{_goals(one) if one['goals'] else _findings(one)}\n\n{where}.{notes}\n"


def _goals(one: Mapping[str, Any]) -> str:
    rows = [[*_cells(goal), f"**{goal['word']}**"] for goal in one["goals"]]
    return table([one["title"], *GOAL_HEADS, ""], rows)


def _cells(goal: Mapping[str, Any]) -> list[str]:
    figure = Figure(**{name: value for name, value in goal["figure"].items() if name != "text"})
    return [goal["name"], figure.text, str(figure.n or "-"), f"≤ {amount(goal['limit'])}"]


def _findings(one: Mapping[str, Any]) -> str:
    rows = [[found["name"], f"**{found['word']}**", found["measured"]] for found in one["findings"]]
    return table([one["title"], "", "Measured"], rows)


def show(out: Console, one: Mapping[str, Any]) -> None:
    """Goals or answers first, then the figures they rest on."""
    out.print(_goals_table(one) if one["goals"] else _findings_table(one))
    show_figures(out, one)


def _goals_table(one: Mapping[str, Any]) -> Table:
    goals = Table(title=one["title"], title_justify="left")
    for head in ("What", *GOAL_HEADS, ""):
        goals.add_column(head, overflow="fold")
    for goal in one["goals"]:
        goals.add_row(*_cells(goal), f"[{COLOURS[goal['word']]}]{goal['word']}[/]")
    return goals


def _findings_table(one: Mapping[str, Any]) -> Table:
    findings = Table(title=one["title"], title_justify="left", show_lines=True)
    for head in ("Where", "Found", "Measured"):
        findings.add_column(head, overflow="fold")
    for found in one["findings"]:
        findings.add_row(*found.values())
    return findings
