"""Results → report, as HTML and as Markdown. It measures nothing and knows no number that is not in them."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from authcompare.experiments.common_claims import COMMON
from authcompare.experiments.plots import intervals

STYLE = Path(__file__).resolve().parent / "static" / "experiments" / "report.css"
PAGE_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 70rem; }
"""
PLOTTED = {"added": "Added to a request, in milliseconds", "difference": "Differences, in milliseconds"}
Entry = Mapping[str, Any]


def render_fragment(results: Mapping[str, Any]) -> str:
    """Everything below the page's h1, for a page that links `experiments/report.css`. Text is escaped."""
    claims = results["claims"]
    parts = [_summary(claims), *map(_claim, claims), _environment(results)]
    return f'<div class="report">{"".join(parts)}</div>'


def standalone(results: Mapping[str, Any]) -> str:
    """One file that needs nothing else: no script, no network."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>authcompare: report</title>"
        f"<style>{PAGE_STYLE}{STYLE.read_text()}</style></head>"
        f"<body><main><h1>Sessions and tokens, measured</h1>{render_fragment(results)}</main></body></html>\n"
    )


def measured(entry: Entry) -> str:
    """When, how and on which code, in one line."""
    how = entry["measured"]
    changed = " with changes" if how["dirty"] else ""
    commit = f"commit {how['commit'][:10]}{changed}" if how["commit"] else "no commit"
    return ", ".join(
        [
            how["started"].replace("T", " ")[:16] + " UTC",
            f"{'quick' if how['quick'] else 'full'} run of {how['seconds']:.0f} s",
            commit,
            *(["interrupted"] if how["interrupted"] else []),
        ]
    )


def conclusion(entry: Entry) -> str:
    """The rule if there is one, else the reason: what belongs in one cell of a table."""
    found = entry["verdict"]
    return str(found["rule"] or found["because"])


def decisions(claims: Iterable[Entry]) -> list[tuple[str, str, str, str]]:
    """Every common claim that was decided: id, what is claimed, verdict, why."""
    return sorted(
        (name, entry["decides"].get(name, ""), one["kind"], one["because"])
        for entry in claims
        for name, one in entry["verdict"]["decisions"].items()
    )


def _summary(claims: Sequence[Entry]) -> str:
    rows = [
        [
            f'<a href="#{escape(one["name"])}">{escape(one["row"])}</a>',
            _badge(one),
            escape(conclusion(one)),
            escape(measured(one)),
        ]
        for one in claims
    ]
    decided = [[escape(cell) for cell in row] for row in decisions(claims)]
    caption = f"{len(decided)} of {len(COMMON)} common claims decided"
    heads = ["Claim", "What is claimed", "Verdict", "Why"]
    return (
        "<section><h2>Verdicts</h2>"
        + _table("One row per claim", ["Row", "Verdict", "Finding", "Measured"], rows)
        + (_table(caption, heads, decided) if decided else "")
        + "</section>"
    )


def _claim(entry: Entry) -> str:
    found = entry["verdict"]
    parts = [
        f'<section id="{escape(entry["name"])}"><h2>{escape(entry["row"])}</h2>',
        f"<p>“{escape(entry['statement'])}”</p><p>{_badge(entry)} {escape(found['because'])}</p>",
        f"<p><strong>The rule:</strong> {escape(found['rule'])}</p>" if found["rule"] else "",
        f"<p><strong>It would take:</strong> {escape(found['needs'])}.</p>" if found["needs"] else "",
        _doubts(found["doubts"]),
        *(_plot(found["figures"], prefix, caption) for prefix, caption in PLOTTED.items()),
        _figures(found["figures"]),
        _arms(entry["arms"]),
        _transcript(entry["transcript"]),
        f"<p>Measured {escape(measured(entry))}. Run it again: ",
        f"<code>{escape(entry['measured']['rerun'])}</code></p>",
    ]
    return "".join(parts) + "</section>"


def _badge(entry: Entry) -> str:
    kind = escape(entry["verdict"]["kind"])
    return f'<span class="verdict verdict-{kind.lower()}">{kind}</span>'


def _doubts(doubts: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(doubt)}</li>" for doubt in doubts)
    return f'<ul class="doubts">{items}</ul>' if items else ""


def _plot(figures: Sequence[Mapping[str, Any]], prefix: str, caption: str) -> str:
    drawn = intervals([one for one in figures if one["name"].startswith(prefix + ":")], caption)
    if not drawn:
        return ""
    label = escape(caption)
    plot = f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">{drawn}</div>'
    return f"<figure>{plot}<figcaption>{label}; dot: estimate, line: interval</figcaption></figure>"


def _figures(figures: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [escape(one["name"]), escape(one["text"]), str(one["n"] or "-"), escape(one["note"])]
        for one in figures
    ]
    return _table("Figures", ["What", "Value (interval)", "n", "Note"], rows) if rows else ""


def _arms(arms: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            escape(one["name"]),
            escape(" ".join(f"{name}={value}" for name, value in one["settings"].items())),
            f"{one['instances']} of {one['workers']} of {one['threads']}",
            escape(one["guarantees"]),
        ]
        for one in arms
    ]
    table = _table("Arms", ["Arm", "Settings", "Instances of workers of threads", "Guarantees"], rows)
    return f"<details><summary>What was compared ({len(rows)} arms)</summary>{table}</details>"


def _transcript(lines: Sequence[Mapping[str, str]]) -> str:
    blocks = "".join(
        f"<h3>{escape(one['note'])}</h3><pre>{escape(one['request'])}</pre><pre>{escape(one['answer'])}</pre>"
        for one in lines
    )
    summary = f"The requests that decided ({len(lines)}, secrets replaced by labels)"
    return f"<details><summary>{summary}</summary>{blocks}</details>" if lines else ""


def _environment(results: Mapping[str, Any]) -> str:
    rows = [[escape(name), escape(value)] for name, value in environment_lines(results)]
    table = _table("Environment of the newest run", ["What", "Value"], rows)
    return f"<section><h2>Measured on</h2>{table}</section>"


def environment_lines(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The environment block as pairs of words."""
    lines = []
    for name, value in results["environment"].items():
        text = (
            ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else str(value)
        )
        lines.append((name.replace("_", " "), text))
    return [*lines, ("command", results["command"])]


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    label = escape(caption)
    return (
        f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">'
        f"<table><caption>{label}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
