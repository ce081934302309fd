"""Results and reports: the same numbers everywhere, nothing unescaped, evidence never lost."""

import json
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from authcompare.experiments import report, results
from authcompare.experiments.claims.performance import Performance
from authcompare.experiments.claims.revocation import Revocation
from authcompare.experiments.claims.tampering import Tampering
from authcompare.experiments.exchanges.transcript import Line, Transcript
from authcompare.experiments.frame import Finished
from authcompare.experiments.plots import intervals
from authcompare.experiments.telling import markdown, shipping, terminal
from authcompare.experiments.verdict import Figure, Kind, Verdict, amount
from tests.experiments.canned import revoked, timed

RUN = {
    "command": "python manage.py compare",
    "started": "2026-11-23T19:00:00+00:00",
    "quick": True,
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

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_fragment_has_no_script_no_style_and_no_heading_of_the_page() -> None:
    page = Tags(report.render_fragment(measured()))
    assert not {"script", "style", "h1", "html", "iframe", "link"} & set(page.tags)
    assert not {"style", "onclick", "onload", "src"} & page.attributes
    assert page.tags.count("section") == 6


def test_everything_measured_is_escaped() -> None:
    html = report.render_fragment(measured()) + pages_of_claims(measured())
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;cpu&gt;" in html


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
    html = report.standalone(measured())
    page = Tags(html)
    assert {"style", "h1"} <= set(page.tags)
    assert not {"script", "link", "img"} & set(page.tags)
    assert "http:" not in html.replace("http://www.w3.org", "")
    assert "https:" not in html


def test_a_report_of_its_own_allows_itself_its_own_style_and_nothing_else() -> None:
    html = report.standalone(measured())
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"content=\"default-src 'none'; style-src 'sha256-{digest}'\"" in html


def test_tables_of_markdown_keep_their_columns() -> None:
    lines = [
        line for line in markdown.render_markdown(measured()).splitlines() if line.startswith("| Security")
    ]
    assert [line.replace("\\|", "").count("|") for line in lines] == [4]


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


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("It holds", "It holds"),
        ("One. " + "Two " * 80 + "end.", "One."),
        ("word " * 80, "word " * 47 + "…"),
    ],
)
def test_a_cell_of_the_readme_has_room_for_whole_sentences(text: str, cell: str) -> None:
    assert shipping.in_short(text) == cell


def test_a_table_of_several_runs_says_that_its_command_is_the_newest_one() -> None:
    found = measured()
    found["claims"][0]["measured"]["started"] = "2020-01-01T00:00:00+00:00"
    assert "2020" not in shipping.verdicts(found)
    assert "the newest of 2 runs" in shipping.verdicts(found)
    assert "the newest of" not in shipping.verdicts(measured())


def test_a_later_run_replaces_its_own_claim_only() -> None:
    old, new = measured(), measured()
    new["claims"] = [{**new["claims"][2], "statement": "newer"}]
    kept = {one["name"]: one["statement"] for one in results.merged(old, new)["claims"]}
    assert set(kept) == {"performance", "revocation", "tampering"}
    assert (kept["revocation"], kept["performance"]) == ("newer", Performance().statement)


@pytest.mark.parametrize("change", [{"kind": "BROKEN"}, {"kind": "SKIPPED"}, {}])
def test_what_came_to_no_verdict_replaces_nothing(change: dict[str, str]) -> None:
    old, new = measured(), measured()
    worse = new["claims"][2]
    worse["verdict"].update(change)
    worse["measured"]["interrupted"] = not change
    worse["statement"] = "worse"
    new["claims"] = [worse]
    assert results.merged(old, new)["claims"] == old["claims"]
    assert not results.worth_keeping(new)
    assert results.worth_keeping(old)


def test_results_survive_the_file(tmp_path: Path) -> None:
    found, path = measured(), tmp_path / "deep" / "results.json"
    results.write(path, found)
    assert results.read(path) == found
    assert [one.name for one in path.parent.iterdir()] == ["results.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 0}'])
def test_other_files_are_no_results(tmp_path: Path, content: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(content)
    assert results.read(path) is None
    assert results.read(tmp_path / "missing.json") is None


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


def test_a_verdict_that_depends_says_on_what() -> None:
    with pytest.raises(ValueError, match="condition"):
        Verdict(Kind.DEPENDS, "it depends")
    with pytest.raises(ValueError, match="what it would take"):
        Verdict(Kind.INCONCLUSIVE, "who knows")
