"""Estimates with their intervals as inline SVG: no script, no style; the page's stylesheet colours it."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, LABEL_WIDTH, ROW, MARGIN = 880, 360, 22, 30
TICKS = 5


def intervals(figures: Sequence[Mapping[str, Any]], caption: str) -> str:
    """One row per figure: a dot for the value, a line for the interval, a rule at zero."""
    shown = [one for one in figures if one["low"] is not None]
    if len(shown) < 2:
        return ""
    scale = _Scale(min(0.0, *(one["low"] for one in shown)), max(0.0, *(one["high"] for one in shown)))
    height = ROW * len(shown) + MARGIN
    rows = "".join(_row(one, scale, ROW * number + ROW / 2) for number, one in enumerate(shown))
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">'
        f"<title>{escape(caption)}</title>{_axis(scale, height, shown[0]['unit'])}{rows}</svg>"
    )


class _Scale:
    """From a value to a place."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high if high > low else low + 1

    def __call__(self, value: float) -> float:
        room = WIDTH - LABEL_WIDTH - 2 * MARGIN
        return round(LABEL_WIDTH + MARGIN + room * (value - self.low) / (self.high - self.low), 1)

    def ticks(self) -> list[float]:
        """Round numbers, about as many as TICKS."""
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        first = int(self.low / step) - (self.low < 0)
        places = [step * number for number in range(first, int(self.high / step) + 1)]
        return [place for place in places if self.low <= place <= self.high]


def _axis(scale: _Scale, height: int, unit: str) -> str:
    bottom = height - MARGIN
    ticks = "".join(
        _line(scale(place), scale(place), 0, bottom, 'class="tick" stroke-opacity="0.15"')
        + _text(scale(place), bottom + 18, "middle", f"{place:g}")
        for place in scale.ticks()
    )
    zero = _line(scale(0), scale(0), 0, bottom, 'class="zero"')
    return ticks + zero + _text(LABEL_WIDTH, bottom + 18, "end", unit)


def _row(one: Mapping[str, Any], scale: _Scale, y: float) -> str:
    return (
        f'<g class="estimate"><title>{escape(one["name"])}: {escape(one["text"])}</title>'
        + _text(LABEL_WIDTH, y + 4, "end", one["name"].partition(": ")[2] or one["name"])
        + _line(scale(one["low"]), scale(one["high"]), y, y, 'stroke-width="2"')
        + f'<circle cx="{scale(one["value"])}" cy="{y}" r="4" fill="currentColor"/></g>'
    )


def _line(x1: float, x2: float, y1: float, y2: float, more: str) -> str:
    return f'<line x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" stroke="currentColor" {more}/>'


def _text(x: float, y: float, anchor: str, words: str) -> str:
    place = f'x="{x}" y="{y}" text-anchor="{anchor}" font-size="12" fill="currentColor"'
    return f"<text {place}>{escape(words)}</text>"
