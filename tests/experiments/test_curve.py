"""The trade-off curve: every point in the picture and in the table, nothing drawn that was not measured."""

import json
import re
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import pytest

from authcompare.experiments import report, results
from authcompare.experiments.plots import curve
from authcompare.experiments.telling.markdown import render_markdown
from authcompare.experiments.verdict import Kind, Point, Verdict
from tests.experiments.test_report import Tags
from tests.pages import measured


def point(name: str, ms: float, seconds: float, scheme: Any = "token") -> Point:
    seen = "at most 0.1 s" if seconds < 1 else f"{seconds:.0f} s, derived from the setting"
    return Point(name, ms, ms - 0.05, ms + 0.05, 60, seconds, seen, f"what {name} promises", scheme)


POINTS = (
    point("sessions, database", 1.5, 0.1, "session"),
    point("tokens, <none>", 0.1, 300),
    point("sessions, cached", 0.31, 0.1, "session"),
    point("tokens, denylist", 0.3, 0.1),
)


def document() -> dict[str, Any]:
    verdict = Verdict(Kind.DEPENDS, "it costs", rule="either", points=POINTS)
    finished = [measured.entry(measured.Revocation(), verdict)]
    return json.loads(json.dumps(results.document(measured.RUN, finished)))


def plain() -> list[dict[str, Any]]:
    return document()["claims"][0]["verdict"]["points"]


def test_it_needs_no_style_and_no_script() -> None:
    page = Tags(curve(plain()))
    assert not {"style", "script", "image"} & set(page.tags)
    assert "style" not in page.attributes


def test_each_point_can_be_read_aloud_and_has_the_shape_of_its_scheme() -> None:
    svg = curve(plain())
    assert svg.count('aria-roledescription="point"') == len(POINTS)
    assert "tokens, &lt;none&gt;: 0.1 ms (0.05 to 0.15), 300 s, derived from the setting" in svg
    assert svg.count('fill="#0b5f6d"') == svg.count('fill="#7d378f"') == 2


def test_names_of_points_close_together_do_not_cover_each_other() -> None:
    svg = curve(plain())
    heights = sorted(
        float(found[1])
        for found in re.finditer(r'translate\([\d.]+,([\d.]+)\)"[^>]*>(?:sessions|tokens), ', svg)
    )
    assert len(heights) == len(POINTS)
    assert all(lower - upper >= 12 for upper, lower in pairwise(heights))


def test_every_point_is_in_the_tables_with_what_it_promises() -> None:
    page, text = report.render_fragment(document()), render_markdown(document())
    for one in POINTS:
        assert f"{one.ms:.3f} ms ({one.low:.3f} to {one.high:.3f})" in page
        assert f"what {one.name} promises".replace("<", "&lt;") in text


def test_the_verdict_stands_above_the_picture() -> None:
    section = report.render_fragment(document()).partition('id="trade-off-curve"')[2]
    assert section.index("DEPENDS</span> either") < section.index("<svg ")


def test_no_place_is_finer_than_a_hundredth_of_a_pixel_and_no_number_that_is_read_is_rounded() -> None:
    svg = curve([asdict(point("tokens, none", 0.0123, 0.004))])
    assert not re.search(r'(?:transform|x2|y2)="[^"]*\.\d{3}', svg)
    assert "tokens, none: 0.0123 ms" in svg


def test_without_points_there_is_no_curve() -> None:
    assert curve([]) == ""
    assert 'id="trade-off-curve"' not in report.render_fragment(measured.document())


def test_points_with_one_time_only_are_drawn_too() -> None:
    assert curve(plain()[:1]).startswith("<svg ")


def test_nothing_ends_in_no_time() -> None:
    with pytest.raises(ValueError, match="resolution"):
        point("at once", 0.1, 0)
