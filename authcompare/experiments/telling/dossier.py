"""One claim as HTML: in short for the report's page, whole for a page or a file of its own."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from authcompare.experiments.common_claims import COMMON
from authcompare.experiments.plots import intervals
from authcompare.experiments.telling.contents import measured, pairs
from authcompare.experiments.telling.markup import badge, figure, folded, listed, paragraph, prose, table

PLOTTED = {"added": "Added to a request, in milliseconds", "difference": "Differences, in milliseconds"}
PLOT_WORDS = "dot: estimate, line: its interval; the same numbers stand in the table of figures"
SAMPLE_CHARACTERS = 160
Entry = Mapping[str, Any]


def brief(entry: Entry) -> str:
    """Statement, verdict, doubts, and the way to everything else; its rule stands in the table above."""
    name = escape(entry["name"])
    more = f'<a href="{name}/">The evidence for {escape(entry["row"])}</a>: {", ".join(_kept(entry))}.'
    return _section(
        entry, _verdict(entry), _derived(entry, ""), _doubts(entry["verdict"]["doubts"]), f"<p>{more}</p>"
    )


def _kept(entry: Entry) -> list[str]:
    """What there is to look at behind the verdict."""
    figures = len(entry["verdict"]["figures"])
    kinds = {
        f"{figures} figure{'s' if figures > 1 else ''}": figures,
        "what was compared": entry["arms"],
        "the requests that decided": entry["transcript"],
        "raw samples": any(entry["samples"].values()),
        "machine and run": True,
    }
    return [kind for kind, there in kinds.items() if there]


def _derived(entry: Entry, home: str) -> str:
    """Where to look for what was measured, if it was measured for other claims."""
    links = ", ".join(
        f'<a href="{home}#{escape(name)}">{escape(row)}</a>'
        for name, row in entry.get("derived_from", {}).items()
    )
    return f"<p>Derived from what was measured for: {links}.</p>" if links else ""


def whole(entry: Entry, environment: Mapping[str, Any], home: str = "", budget: int | None = None) -> str:
    """Everything there is. `home` leads to the report's page; `budget` limits the characters of exchanges."""
    found = entry["verdict"]
    return _section(
        entry,
        _commonly(entry, home),
        paragraph("What is done", entry.get("done", "")),
        _verdict(entry),
        paragraph("The rule", found["rule"]),
        _derived(entry, home),
        _decisions(entry, home),
        _doubts(found["doubts"]),
        *(_plot(found["figures"], prefix, caption) for prefix, caption in PLOTTED.items()),
        _figures(entry),
        folded(f"What was compared ({len(entry['arms'])} set-ups)", _arms(entry["arms"])),
        folded("Raw samples", _samples(entry, home), "bulk"),
        _transcript(entry["transcript"], home, budget),
        folded("Machine and run", _machine(entry, entry.get("elsewhere", environment)), "bulk"),
        f"<p>Measured {escape(measured(entry))}. Run it again: ",
        f"<code>{escape(entry['measured']['rerun'])}</code></p>",
    )


def _section(entry: Entry, *parts: str) -> str:
    head = f'<section id="{escape(entry["name"])}"><h2>{escape(entry["row"])}</h2>'
    return f"{head}<p>“{escape(entry['statement'])}”</p>{''.join(parts)}</section>"


def _verdict(entry: Entry) -> str:
    found = entry["verdict"]
    return f"<p>{badge(found['kind'])} {prose(found['because'])}{_elsewhere(entry)}</p>" + paragraph(
        "It would take", found["needs"] and found["needs"] + "."
    )


def _elsewhere(entry: Entry) -> str:
    """Behind a verdict that is not about the machine of the others."""
    return " <small>Measured elsewhere.</small>" if "elsewhere" in entry else ""


def _commonly(entry: Entry, home: str) -> str:
    known = [COMMON[name] for name in entry["decides"] if name in COMMON]
    items = "".join(
        f'<li><a href="{home}#{one.id}">{one.id}</a> “{escape(one.claim)}” ({escape(one.where)})</li>'
        for one in known
    )
    where = "Where it is commonly made: in articles that compare the two, as"
    return f"<p>{where}</p><ul>{items}</ul>" if items else "<p>Seldom said; asked by this lab.</p>"


def _decisions(entry: Entry, home: str) -> str:
    rows = [
        [f'<a href="{home}#{escape(name)}">{escape(name)}</a>', badge(one["kind"]), prose(one["because"])]
        for name, one in sorted(entry["verdict"]["decisions"].items())
    ]
    return table("What that says about the common claims", ["Claim", "Verdict", "Why"], rows) if rows else ""


def _doubts(doubts: Sequence[str]) -> str:
    return f"<h3>Caveats</h3>{listed(doubts, 'doubts')}" if doubts else ""


def _plot(figures: Sequence[Entry], prefix: str, caption: str) -> str:
    chosen = [one for one in figures if one["name"].startswith(prefix + ":")]
    return figure(intervals(chosen, caption), f"{caption}; {PLOT_WORDS}")


def _figures(entry: Entry) -> str:
    promises = {arm["name"]: arm["guarantees"] for arm in entry["arms"]}
    rows = [
        [escape(one["name"]), escape(one["text"]), str(one["n"] or "-"), escape(_beside(one, promises))]
        for one in entry["verdict"]["figures"]
    ]
    heads = ["What", "Value (interval)", "n", "Note, guarantees"]
    return table("Figures", heads, rows) if rows else ""


def _beside(one: Entry, promises: Mapping[str, str]) -> str:
    """Never the price of an arm without what it promises."""
    promised = promises.get(one["name"].rpartition(": ")[2], "")
    known = promised in one["note"]
    return str(one["note"]) if known else "; ".join(part for part in (one["note"], promised) if part)


def _arms(arms: Sequence[Entry]) -> str:
    rows = [
        [
            escape(one["name"]),
            escape(" ".join(f"{name}={value}" for name, value in one["settings"].items())),
            f"{one['instances']} / {one['workers']} / {one['threads']}",
            escape(one["guarantees"]),
        ]
        for one in arms
    ]
    heads = ["Set-up", "Settings", "Servers / workers / threads", "Guarantees"]
    return table("Set-ups", heads, rows) if rows else ""


def _samples(entry: Entry, home: str) -> str:
    rows = [
        [escape(arm), str(len(samples)), escape(_first(samples))]
        for arm, samples in entry["samples"].items()
        if samples
    ]
    where = f'<a href="{home}results.json">results.json</a>' if home else "the results file of the run"
    found = table("Samples by set-up", ["Set-up", "n", "The first of them"], rows)
    return f"<p>{escape(entry.get('sampled', ''))} All of them are in {where}.</p>{found}" if rows else ""


def _first(samples: Sequence[Any]) -> str:
    text = json.dumps(samples[0], ensure_ascii=False)
    return text if len(text) <= SAMPLE_CHARACTERS else text[:SAMPLE_CHARACTERS] + " …"


def _transcript(lines: Sequence[Mapping[str, str]], home: str, budget: int | None) -> str:
    shown, left = [], budget
    for one in lines:
        exchange = (
            f"<h3>{escape(one['note'])}</h3><pre>{escape(one['request'])}</pre>"
            f"<pre>{escape(one['answer'])}</pre>"
        )
        if left is not None:
            left -= len(exchange)
            if left < 0:
                break
        shown.append(exchange)
    rest = f'<p>The other {len(lines) - len(shown)} are in <a href="{home}results.json">results.json</a>.</p>'
    summary = f"The requests that decided ({len(lines)}, secrets replaced by labels)"
    return folded(summary, "".join(shown) + (rest if len(shown) < len(lines) else ""), "bulk")


def _machine(entry: Entry, environment: Mapping[str, Any]) -> str:
    how = entry["measured"]
    facts = {
        **environment,
        **{name: how[name] for name in ("commit", "dirty", "seed", "load", "client_share", "made_of")},
    }
    return table("Machine and run", ["What", "Value"], [list(map(escape, pair)) for pair in pairs(facts)])
