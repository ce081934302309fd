"""Figures → inline SVG without script or style, which the page's stylesheet colours.

Drawn small, so that the words are still readable where the page is 320 px wide, and scaled up elsewhere.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # it takes a second to load: only where something is drawn
    import altair

WIDTH, CURVE_HEIGHT, WORDS_PER_LINE = 300, 270, 46
LINE_PIXELS, LABEL_PIXELS = 14, 17
DIAMETER = 60
SESSION, TOKEN = "#0b5f6d", "#7d378f"  # report.css names them again, to change them in the dark
SHAPES = {"session": ("circle", SESSION), "token": ("diamond", TOKEN)}
TICK_SECONDS = (0.001, 0.01, 0.1, 0.2, 0.5, 1, 10, 60, 300, 900, 3600)
PLACES = re.compile(r' (?:transform|x2|y2|d)="[^"]*"')
Side = Literal["left", "right"]
SIDES: tuple[Side, ...] = ("left", "right")
Figures = Sequence[Mapping[str, Any]]


def curve(points: Figures) -> str:
    """What a request costs against how long an ended login may go on working; empty without points."""
    if not points:
        return ""
    import altair as alt

    data = _placed(points)
    x = alt.X("seconds:Q", axis=_seconds_axis(points), title="an ended login works on for at most")
    x = x.scale(type="log", domain=_domain([one["seconds"] for one in points]))
    y = alt.Y("ms:Q", title="added to a request, ms")
    base = alt.Chart(alt.Data(values=data))
    layers = [
        base.mark_rule(aria=False, opacity=0.5).encode(x=x, y=y, x2="label_x:Q", y2="label_y:Q"),
        base.mark_rule(aria=False, strokeWidth=2).encode(x=x, y="low:Q", y2="high:Q"),
        *(_marks(base, scheme, x, y) for scheme in SHAPES),
        *(_labels(base, side) for side in SIDES),
    ]
    return _drawn(alt.layer(*layers).properties(width=WIDTH, height=CURVE_HEIGHT), "The trade-off curve")


def intervals(figures: Figures, caption: str) -> str:
    """One row per figure: its name, a dot for the value, a line for the interval, a rule at zero."""
    shown = [_row(one) for one in figures if one["low"] is not None]
    if len(shown) < 2:
        return ""
    import altair as alt

    lines = max(len(row["words"]) for row in shown)
    for row in shown:  # the last line stands next to its dot
        row["words"] = [""] * (lines - len(row["words"])) + row["words"]
    y, low = alt.Y("key:N", sort=None, axis=None), alt.X("low:Q", title=figures[0]["unit"])
    base = alt.Chart(alt.Data(values=shown)).encode(y=y)
    above = -9 - LINE_PIXELS * (lines - 1)
    layers = [
        base.mark_rule(aria=False, strokeDash=[2, 2]).encode(
            x=alt.datum(0), y=alt.value(0), y2=alt.value("height")
        ),
        base.mark_rule(aria=False, strokeWidth=2).encode(x=low, x2="high:Q"),
        base.mark_point(filled=True, size=DIAMETER).encode(x="value:Q", description="text:N"),
        base.mark_text(aria=False, align="left", dx=4, dy=above).encode(x=alt.value(0), text="words:N"),
    ]
    step = alt.Step(LINE_PIXELS * (lines + 1) + 6)
    return _drawn(alt.layer(*layers).properties(width=WIDTH, height=step), caption)


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    name = one["name"].partition(": ")[2] or one["name"]
    words = textwrap.wrap(name, WORDS_PER_LINE)
    numbers = {part: one[part] for part in ("low", "value", "high")}
    return {**numbers, "key": one["name"], "words": words, "text": f"{one['name']}: {one['text']}"}


def _placed(points: Figures) -> list[dict[str, Any]]:
    """Each point with a place for its name: one line each, so that none covers another."""
    low, high = _domain([one["seconds"] for one in points])
    aside = (high / low) ** 0.06
    line = max(one["high"] for one in points) / CURVE_HEIGHT * LABEL_PIXELS
    placed, free = [], float("-inf")
    for one in sorted(points, key=lambda one: one["ms"]):
        free = max(one["ms"], free + line)
        left = one["seconds"] ** 2 > low * high
        label_x = one["seconds"] / aside if left else one["seconds"] * aside
        words = f"{one['name']}: {one['ms']:.3g} ms ({one['low']:.3g} to {one['high']:.3g}), {one['seen']}"
        side = "right" if left else "left"
        placed.append({**one, "label_x": label_x, "label_y": free, "side": side, "words": words})
    return placed


def _domain(seconds: Sequence[float]) -> tuple[float, float]:
    return min(seconds) / 1.6, max(max(seconds), min(seconds) * 100) * 1.6


def _seconds_axis(points: Figures) -> "altair.Axis":
    import altair as alt

    low, high = _domain([one["seconds"] for one in points])
    shown = [one for one in TICK_SECONDS if low <= one <= high]
    words = "datum.value < 60 ? datum.value + ' s' : datum.value / 60 + ' min'"
    return alt.Axis(values=shown, labelExpr=words, grid=False)


def _marks(base: "altair.Chart", scheme: str, x: "altair.X", y: "altair.Y") -> "altair.Chart":
    shape, colour = SHAPES[scheme]
    mark = base.transform_filter(f"datum.scheme == '{scheme}'").mark_point(
        shape=shape, filled=True, size=2 * DIAMETER, color=colour, opacity=1
    )
    return mark.encode(x=x, y=y, description="words:N")


def _labels(base: "altair.Chart", side: Side) -> "altair.Chart":
    text = base.transform_filter(f"datum.side == '{side}'").mark_text(
        aria=False, align=side, baseline="middle", dx=3 if side == "left" else -3
    )
    return text.encode(x="label_x:Q", y="label_y:Q", text="name:N")


def _drawn(chart: "altair.LayerChart | altair.FacetChart", caption: str) -> str:
    """As SVG in the colour of the text around it, with a name for those who cannot see it."""
    import vl_convert

    chart = chart.configure(background="transparent", padding=4, font="sans-serif")
    chart = chart.configure_view(stroke=None).configure_point(color="currentColor", opacity=1)
    chart = chart.configure_rule(color="currentColor").configure_text(color="currentColor", fontSize=11)
    chart = chart.configure_axis(
        labelColor="currentColor", titleColor="currentColor", tickColor="currentColor",
        domainColor="currentColor", gridColor="currentColor", gridOpacity=0.15, labelFontSize=11,
        titleFontSize=11, titleFontWeight="normal",
    )  # fmt: skip
    svg = PLACES.sub(_to_hundredths, vl_convert.vegalite_to_svg(chart.to_dict()))
    return svg.replace("<svg ", f'<svg role="group" aria-label="{escape(caption)}" ', 1).replace(
        'class="marks"', 'class="plot"', 1
    )


def _to_hundredths(place: re.Match[str]) -> str:
    """Of a pixel: nobody sees more, and every page has to carry it."""
    return re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", place[0])
