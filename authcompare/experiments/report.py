"""Results → report as HTML. It measures nothing and knows no number that is not in them."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from authcompare.experiments.plots import curve
from authcompare.experiments.telling.contents import (
    POINT_HEADS,
    TITLE,
    VERDICT_HEADS,
    conclusion,
    environment_lines,
    point_rows,
    points,
)
from authcompare.experiments.telling.dossier import brief, whole
from authcompare.experiments.telling.glossary import NAMES, VERDICTS
from authcompare.experiments.telling.markup import badge, figure, folded, prose, table
from authcompare.experiments.telling.standing import Ruling, Standing, decided, standings

FOLDER = Path(__file__).resolve().parent / "static" / "experiments"
CURVE_WORDS = (
    "Left is safer, lower is cheaper. Circles: sessions, diamonds: tokens; the line through each is its "
    "interval. Points that promise different things are not rivals: the table says what each promises."
)
COMMON_WORDS = (
    "Articles that compare sessions and tokens say these things again and again; the small print tells about "
    "which of the two, and in which part of such an article."
)
EXCHANGE_CHARACTERS = 24_000
Entry = Mapping[str, Any]


def render_fragment(results: Mapping[str, Any]) -> str:
    """The report below a page's h1, which links `experiments/report.css`. Text is escaped."""
    return _report(results, "".join(map(brief, results["claims"])), filtered=True)


def render_claim(results: Mapping[str, Any], entry: Entry) -> str:
    """All about one claim, for a page one level below the report's."""
    shown = whole(entry, results["environment"], "../", EXCHANGE_CHARACTERS)
    return f'<div class="report">{shown}{_words()}</div>'


def standalone(results: Mapping[str, Any]) -> str:
    """One file that needs nothing else and allows itself nothing else: no script, no network."""
    style = (FOLDER / "standalone.css").read_text() + (FOLDER / "report.css").read_text()
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    claims = "".join(whole(one, results["environment"]) for one in results["claims"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        f"content=\"default-src 'none'; style-src 'sha256-{allowed}'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>authcompare: report</title><style>{style}</style></head>"
        f"<body><main><h1>{TITLE}</h1>{_report(results, claims)}</main></body></html>\n"
    )


def _report(results: Mapping[str, Any], sections: str, filtered: bool = False) -> str:
    claims = results["claims"]
    parts = [_verdicts(claims), _curve(claims), sections, _common(claims, filtered), _environment(results)]
    return f'<div class="report">{"".join(parts)}</div>'


def _verdicts(claims: Sequence[Entry]) -> str:
    rows = [
        [
            f'<a href="#{escape(one["name"])}">{escape(one["row"])}</a>',
            f"“{escape(one['statement'])}”",
            badge(one["verdict"]["kind"]),
            prose(conclusion(one)) + (" *" if "elsewhere" in one else ""),
        ]
        for one in claims
    ]
    return (
        '<section id="verdicts"><h2>Verdicts</h2>'
        + table("What was measured, and what it came to", VERDICT_HEADS, rows)
        + _words()
        + "</section>"
    )


def _words() -> str:
    verdicts = "".join(f"<dt>{badge(kind)}</dt><dd>{means}</dd>" for kind, means in VERDICTS.items())
    names = "".join(f"<dt>{name}</dt><dd>{means}</dd>" for name, means in NAMES.items())
    return folded("What the six verdicts mean", f"<dl>{verdicts}</dl>") + folded(
        "What the names mean", f"<dl>{names}</dl>"
    )


def _curve(claims: Sequence[Entry]) -> str:
    drawn = figure(curve(points(claims)), CURVE_WORDS)
    rows = [[escape(cell) for cell in row] for row in point_rows(claims)]
    numbers = table("The same points in numbers", POINT_HEADS, rows)
    head = "<h2>What ending a login at once costs</h2>" + "".join(map(_drawn_from, claims))
    return f'<section id="trade-off-curve">{head}{drawn}{numbers}</section>' if drawn else ""


def _drawn_from(entry: Entry) -> str:
    """A picture is believed more easily than a verdict: the verdict stands above it."""
    found = entry["verdict"]
    return f"<p>{badge(found['kind'])} {prose(conclusion(entry))}</p>" if found.get("points") else ""


def _common(claims: Sequence[Entry], filtered: bool) -> str:
    found = standings(claims)
    box = (
        '<div id="filter" hidden><label for="filter-words">Find a claim</label>'
        '<input id="filter-words" type="search" autocomplete="off"><p role="status"></p></div>'
    )
    items = "".join(map(_common_claim, found))
    return (
        '<section id="common-claims"><h2>What people say</h2>'
        f"<p>{COMMON_WORDS} {decided(found)} of {len(found)} common claims have a verdict.</p>"
        f'{box if filtered else ""}<ul class="common">{items}</ul></section>'
    )


def _common_claim(one: Standing) -> str:
    about = f"<b>{one.claim.id}</b> “{escape(one.claim.claim)}” <small>{escape(one.claim.where)}</small>"
    rest = "".join(map(_ruling, one.rulings)) or f"<p>No verdict yet. {escape(one.open_because)}</p>"
    return f'<li id="{one.claim.id}"><p>{about}</p>{rest}</li>'


def _ruling(one: Ruling) -> str:
    where = f'<a href="#{escape(one.name)}">{escape(one.row)}</a>'
    return f"<p>{badge(one.kind)} {prose(one.because)} {where}</p>"


def _environment(results: Mapping[str, Any]) -> str:
    rows = [[escape(name), escape(value)] for name, value in environment_lines(results)]
    found = table("Environment of the newest run", ["What", "Value"], rows)
    return f'<section id="environment"><h2>Measured on</h2>{found}</section>'
