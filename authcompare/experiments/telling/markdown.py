"""Results → Markdown, for a README or an issue. The same numbers as everywhere else, in the same order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from authcompare.experiments.telling.contents import (
    FIGURE_HEADS,
    POINT_HEADS,
    TITLE,
    VERDICT_HEADS,
    conclusion,
    environment_lines,
    figure_rows,
    measured,
    point_rows,
)
from authcompare.experiments.telling.standing import Standing, decided, standings


def render_markdown(results: Mapping[str, Any]) -> str:
    """The whole report."""
    claims = results["claims"]
    rows = [
        [one["row"], one["statement"], f"**{one['verdict']['kind']}**", conclusion(one)] for one in claims
    ]
    parts = [
        f"# {TITLE}",
        "## Verdicts",
        table(VERDICT_HEADS, rows),
        *_curve(claims),
        *map(_claim, claims),
        *_common(claims),
        "## Measured on",
        "\n".join(f"- {name}: {value}" for name, value in environment_lines(results)),
    ]
    return "\n\n".join(parts) + "\n"


def _curve(claims: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = point_rows(claims)
    return ["## What ending a login at once costs", table(POINT_HEADS, rows)] if rows else []


def _claim(entry: Mapping[str, Any]) -> str:
    found = entry["verdict"]
    figures = figure_rows(found)
    parts = [
        f"## {entry['row']}",
        f"> {entry['statement']}",
        f"What is done: {entry['done']}" if entry.get("done") else "",
        f"**{found['kind']}.** {found['because']}",
        f"The rule: {found['rule']}" if found["rule"] else "",
        f"It would take: {found['needs']}." if found["needs"] else "",
        "\n".join(f"- Caveat: {doubt}" for doubt in found["doubts"]),
        table(FIGURE_HEADS, figures) if figures else "",
        f"Measured {measured(entry)}. Run it again: `{entry['measured']['rerun']}`",
    ]
    return "\n\n".join(part for part in parts if part)


def _common(claims: Sequence[Mapping[str, Any]]) -> list[str]:
    found = standings(claims)
    rows = [row for one in found for row in _rulings(one)]
    counted = f"{decided(found)} of {len(found)} common claims have a verdict."
    return ["## What people say", counted, table(["Claim", "What people say", "Verdict", "Why"], rows)]


def _rulings(one: Standing) -> list[list[str]]:
    said = [one.claim.id, one.claim.claim]
    rulings = [[*said, f"**{ruling.kind}**", f"{ruling.because} ({ruling.row})"] for ruling in one.rulings]
    return rulings or [[*said, "-", f"No verdict yet. {one.open_because}"]]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what would break a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(one) for one in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
