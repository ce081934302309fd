"""Results → Markdown, for a README or an issue. The same numbers as everywhere else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from authcompare.experiments.report import conclusion, decisions, environment_lines, measured


def render_markdown(results: Mapping[str, Any]) -> str:
    """The whole report."""
    claims = results["claims"]
    rows = [[one["row"], f"**{one['verdict']['kind']}**", conclusion(one), measured(one)] for one in claims]
    parts = [
        "# Sessions and tokens, measured",
        table(["Row", "Verdict", "Finding", "Measured"], rows),
        *map(_claim, claims),
        "## Common claims decided",
        table(["Claim", "What is claimed", "Verdict", "Why"], decisions(claims)),
        "## Measured on",
        "\n".join(f"- {name}: {value}" for name, value in environment_lines(results)),
    ]
    return "\n\n".join(parts) + "\n"


def _claim(entry: Mapping[str, Any]) -> str:
    found = entry["verdict"]
    figures = [[one["name"], one["text"], str(one["n"] or "-"), one["note"]] for one in found["figures"]]
    parts = [
        f"## {entry['row']}",
        f"> {entry['statement']}",
        f"**{found['kind']}.** {found['because']}",
        f"The rule: {found['rule']}" if found["rule"] else "",
        f"It would take: {found['needs']}." if found["needs"] else "",
        "\n".join(f"- Doubt: {doubt}" for doubt in found["doubts"]),
        table(["What", "Value (interval)", "n", "Note"], figures) if figures else "",
        f"Run it again: `{entry['measured']['rerun']}`",
    ]
    return "\n\n".join(part for part in parts if part)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what would break a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(one) for one in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
