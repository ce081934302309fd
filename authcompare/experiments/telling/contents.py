"""What every report says in the same words, whatever it is written in."""

from collections.abc import Iterable, Mapping
from typing import Any

TITLE = "Sessions and tokens, measured"
POINT_HEADS = ["Store or check", "Added to a request (interval)", "n", "An ended login works on", "Promises"]
VERDICT_HEADS = ["Topic", "People say", "Verdict", "In words"]
FIGURE_HEADS = ["What", "Value (interval)", "n", "Note"]
Entry = Mapping[str, Any]


def conclusion(entry: Entry) -> str:
    """The rule if there is one, with both of its branches, else the reason: what stands beside a verdict."""
    found = entry["verdict"]
    return str(found["rule"] or found["because"])


def measured(entry: Entry) -> str:
    """When, how and on which code, in one line."""
    how = entry["measured"]
    return ", ".join(
        [
            how["started"].replace("T", " ")[:16] + " UTC",
            f"{'quick' if how['quick'] else 'full'} run of {how['seconds']:.0f} s",
            code(how),
            *(["interrupted"] if how["interrupted"] else []),
        ]
    )


def code(state: Entry) -> str:
    """Which code it was: the short commit, and whether there was more than it holds."""
    changed = " with changes" if state["dirty"] else ""
    return f"commit {state['commit'][:10]}{changed}" if state["commit"] else "no commit"


def figure_rows(found: Entry) -> list[list[str]]:
    """The figures of a verdict or of a benchmark as a table."""
    return [[one["name"], one["text"], str(one["n"] or "-"), one["note"]] for one in found["figures"]]


def environment_lines(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The environment block as pairs of words."""
    return [*pairs(results["environment"]), ("command", results["command"])]


def pairs(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facts as pairs of words, for a table."""
    return [(name.replace("_", " "), _words(value)) for name, value in facts.items()]


def _words(value: Any) -> str:
    match value:
        case dict():
            return ", ".join(f"{key} {one}" for key, one in value.items())
        case list():
            return ", ".join(map(_words, value)) or "-"
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.3g}"
    return str(value)


def points(claims: Iterable[Entry]) -> list[Entry]:
    """Everything that the trade-off curve is drawn from."""
    return [point for one in claims for point in one["verdict"].get("points", ())]


def point_rows(claims: Iterable[Entry]) -> list[list[str]]:
    """The trade-off curve as a table: name, cost with its interval, until when it works, what it promises."""
    return [
        [
            one["name"],
            f"{one['ms']:.3f} ms ({one['low']:.3f} to {one['high']:.3f})",
            str(one["n"]),
            one["seen"],
            one["guarantees"],
        ]
        for one in sorted(points(claims), key=lambda one: (one["seconds"], one["ms"]))
    ]
