"""Results and reports: the same numbers everywhere, nothing unescaped, evidence never lost."""

import html
import json
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from authcompare.experiments import report, results
from authcompare.experiments.claims.performance import Performance
from authcompare.experiments.claims.revocation import Revocation
from authcompare.experiments.claims.tampering import Tampering
from authcompare.experiments.claims.where_time_goes import WhereTimeGoes
from authcompare.experiments.exchanges.transcript import Line, Transcript
from authcompare.experiments.frame import Finished
from authcompare.experiments.plots import intervals
from authcompare.experiments.telling import markdown, shipping, terminal
from authcompare.experiments.telling.markup import prose
from authcompare.experiments.verdict import Figure, Kind, Verdict, amount
from tests.experiments.canned import revoked, timed

RUN = {
    "command": "python manage.py compare",
    "started": "2026-11-23T19:00:00+00:00",
    "quick": True,
    "options": [],
    "seed": 5,
    "environment": {
        "cpu": "<cpu>",
        "cores": 2,
        "packages": {"Django": "5.2"},
        "commit": "a" * 40,
        "dirty": True,
    },
}
NASTY = '<script>alert("x")</script>|\n[bold]'


def measured() -> dict[str, Any]:
    performance, revocation = Performance(), Revocation()
    samples = timed({"sessions, cached": 0.5, "open, hs256, delayed": 0.2})
    transcript = Transcript([Line(NASTY, NASTY, NASTY)])
    finished = [
        Finished(performance, performance.arms(True), performance.judge(samples), samples, seconds=30.0),
        Finished(revocation, revocation.arms(True), revocation.judge(revoked()), revoked(), transcript),
        Finished(Tampering(), [], Verdict.broken(NASTY)),
    ]
    return json.loads(json.dumps(results.document(RUN, finished)))  # as read back from the file


def pages_of_claims(found: dict[str, Any]) -> str:
    """The pages of all claims, one after the other."""
    return "".join(report.render_claim(found, entry) for entry in found["claims"])


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_fragment_has_no_script_no_style_and_no_heading_of_the_page() -> None:
    page = Tags(report.render_fragment(measured()))
    assert not {"script", "style", "h1", "html", "iframe", "link"} & set(page.tags)
    assert not {"style", "onclick", "onload", "src"} & page.attributes
    assert page.tags.count("section") == 6


def test_everything_measured_is_escaped() -> None:
    page = report.render_fragment(measured()) + pages_of_claims(measured())
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;cpu&gt;" in page


def test_what_stands_between_backticks_is_code_and_still_escaped() -> None:
    assert prose("<b> `__Host-<i>` stops.") == "&lt;b&gt; <code>__Host-&lt;i&gt;</code> stops."


def test_the_same_numbers_stand_everywhere() -> None:
    found, out = measured(), StringIO()
    terminal.show(Console(file=out, width=250), found)
    texts = [
        pages_of_claims(found),
        report.standalone(found),
        markdown.render_markdown(found),
        out.getvalue(),
    ]
    numbers = [one["text"] for entry in found["claims"] for one in entry["verdict"]["figures"]]
    assert len(numbers) > 30
    for text in texts:
        assert not [number for number in numbers if number not in text]


def test_a_report_of_its_own_needs_nothing_else() -> None:
    written = report.standalone(measured())
    page = Tags(written)
    assert {"style", "h1"} <= set(page.tags)
    assert not {"script", "link", "img"} & set(page.tags)
    assert "http:" not in written.replace("http://www.w3.org", "")
    assert "https:" not in written


def test_a_report_of_its_own_allows_itself_its_own_style_and_nothing_else() -> None:
    written = report.standalone(measured())
    style = written.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"content=\"default-src 'none'; style-src 'sha256-{digest}'\"" in written


def test_tables_of_markdown_keep_their_columns() -> None:
    lines = [
        line for line in markdown.render_markdown(measured()).splitlines() if line.startswith("| Security")
    ]
    assert [line.replace("\\|", "").count("|") for line in lines] == [5]


def test_a_plot_shows_each_interval_and_can_be_read_aloud() -> None:
    figures = [
        results.figure(Figure(f"added: {name}", 0.2, "ms", 60, -0.1, 0.5)) for name in ("<one>", "two")
    ]
    svg = intervals(figures, "<Added>")
    assert svg.count('aria-roledescription="point"') == 2
    assert "added: &lt;one&gt;: 0.200 ms (-0.100 to 0.500)" in svg
    assert 'aria-label="&lt;Added&gt;"' in svg
    assert not {"style", "script"} & set(Tags(svg).tags)
    assert "style" not in Tags(svg).attributes
    assert intervals(figures[:1], "Added") == ""


def test_every_table_of_verdicts_says_what_is_judged_and_both_branches_of_a_rule() -> None:
    found, out = measured(), StringIO()
    entry = next(one for one in found["claims"] if one["verdict"]["rule"])
    entry["verdict"]["rule"] = (
        "It does with one store for all. " + "It does not where each has its own. " * 20
    )
    terminal.show(Console(file=out, width=2000), found)
    for text in (
        html.unescape(report.render_fragment(found).partition("</table>")[0]),
        markdown.render_markdown(found).partition("## What ending")[0],
        shipping.verdicts(found),
        out.getvalue().partition("What ending")[0],
    ):
        assert all(one["statement"] in text for one in found["claims"])
        assert entry["verdict"]["rule"].strip() in text


def test_the_table_of_a_terminal_is_as_wide_as_the_terminal() -> None:
    out = StringIO()
    terminal.show(Console(file=out, width=80), measured())
    table = out.getvalue().partition("What ending")[0]
    assert max(map(len, table.splitlines())) <= 80
    assert "DEPENDS" in table


def test_what_is_derived_leads_to_what_was_measured_and_promises_no_requests() -> None:
    performance, derived = Performance(), WhereTimeGoes()
    finished = [
        Finished(performance, [], Verdict(Kind.HOLDS, "So.")),
        Finished(derived, [], Verdict(Kind.HOLDS, "So.", figures=(Figure("look-up", 0.1, "ms", 3),))),
    ]
    found = json.loads(json.dumps(results.document(RUN, finished)))
    entry = next(one for one in found["claims"] if one["name"] == derived.name)
    page, own = report.render_fragment(found), report.render_claim(found, entry)
    assert '<p>Derived from what was measured for: <a href="#performance">Performance</a>.</p>' in page
    assert '<a href="../#performance">Performance</a>' in own
    assert f"The evidence for {derived.row}</a>: 1 figure, machine and run." in page
    assert "What was compared" not in own
    assert "requests that decided" not in own


def test_what_was_written_before_anything_was_derived_is_still_read() -> None:
    found = measured()
    for entry in found["claims"]:
        del entry["derived_from"]
    assert "Derived from" not in report.render_fragment(found) + pages_of_claims(found)


def test_a_table_of_several_runs_says_that_its_command_is_the_newest_one() -> None:
    found = measured()
    found["claims"][0]["measured"]["started"] = "2020-01-01T00:00:00+00:00"
    assert "2020" not in shipping.verdicts(found)
    assert "the newest of 2 runs" in shipping.verdicts(found)
    assert "the newest of" not in shipping.verdicts(measured())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (300, "300"),
        (-0.0001, "0.000"),
        (0.2, "0.200"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (1234.5, "1234"),
    ],
)
def test_numbers_are_printed_with_three_figures(value: float, text: str) -> None:
    assert amount(value) == text


def test_an_interval_without_width_is_not_printed() -> None:
    assert Figure("rows", 1.5, "rows", 9, 1.5, 1.5).text == "1.50 rows"


def test_a_verdict_that_depends_says_on_what() -> None:
    with pytest.raises(ValueError, match="condition"):
        Verdict(Kind.DEPENDS, "it depends")
    with pytest.raises(ValueError, match="what it would take"):
        Verdict(Kind.INCONCLUSIVE, "who knows")
