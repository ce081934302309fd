"""The 52 common claims: each has a claim that decides it, and the reports say where each of them stands."""

import json
import subprocess
import sys
from typing import Any

import pytest

from authcompare.experiments import report, results
from authcompare.experiments.claims import discover
from authcompare.experiments.common_claims import COMMON
from authcompare.experiments.rows import in_order, place
from authcompare.experiments.telling.markdown import render_markdown
from authcompare.experiments.telling.standing import decided, standings
from authcompare.experiments.verdict import REACHED, Decision, Kind, Verdict
from tests.pages import measured

NAMES = [f"C{number:02}" for number in range(1, 53)]


def found(*verdicts: Verdict) -> dict[str, Any]:
    """Results in which "Performance" came to that, as read back from the file."""
    performance = next(claim for claim in discover() if claim.name == "performance")
    finished = [measured.entry(performance, verdict) for verdict in verdicts]
    return json.loads(json.dumps(results.document(measured.RUN, finished)))


def test_there_are_52_of_them() -> None:
    assert list(COMMON) == NAMES


def test_the_claims_together_decide_every_one_of_them() -> None:
    said = {name for claim in discover() for name in claim.decides}
    assert not said - set(NAMES), f"No common claims: {sorted(said - set(NAMES))}"
    assert not set(NAMES) - said, f"No claim decides {', '.join(sorted(set(NAMES) - said))}"


def test_every_verdict_that_was_reached_says_something_about_each_claim_it_decides() -> None:
    shipped = results.read(results.SHIPPED)
    assert shipped is not None
    silent = {
        entry["name"]: missing
        for entry in shipped["claims"]
        if entry["verdict"]["kind"] in REACHED
        and (missing := sorted(set(entry["decides"]) - set(entry["verdict"]["decisions"])))
    }
    assert not silent


def test_a_decided_one_shows_what_decided_it() -> None:
    verdict = Verdict(Kind.HOLDS, "so", decisions={"C43": Decision(Kind.REFUTED, "the look-up is cheap")})
    claims = found(verdict)["claims"]
    standing = standings(claims)[42]
    assert [(one.name, one.kind, one.because) for one in standing.rulings] == [
        ("performance", "REFUTED", "the look-up is cheap")
    ]
    assert standing.open_because == ""
    assert decided(standings(claims)) == 1


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ([], "“Performance”, which has not been measured yet: python manage.py compare performance"),
        ([Verdict.broken("a server did not start")], "“Performance”, which came to BROKEN"),
    ],
)
def test_an_open_one_says_which_claim_would_decide_it(verdicts: list[Verdict], words: str) -> None:
    assert words in standings(found(*verdicts)["claims"])[42].open_because


def test_every_report_lists_all_of_them() -> None:
    document = found(measured.DEPENDS)
    page, text = report.render_fragment(document), render_markdown(document)
    assert not [name for name in NAMES if f'<li id="{name}">' not in page or f"| {name} |" not in text]
    assert "1 of 52 common claims have a verdict" in page
    assert "1 of 52 common claims have a verdict" in text


def test_a_server_starts_without_loading_the_lab() -> None:
    told = (
        "import sys, authcompare.experiments.report; print('authcompare.experiments.claims' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_rows_are_told_in_one_order_and_claims_of_a_row_stand_together() -> None:
    rows = ["Trade-off", "Revocation", "Anything", "Performance: look-ups", "Storage", "Performance"]
    told = [one["row"] for one in in_order({"row": row, "name": row} for row in rows)]
    assert told == ["Storage", "Performance", "Performance: look-ups", "Revocation", "Trade-off", "Anything"]


def test_every_row_that_is_measured_has_its_place() -> None:
    last, _ = place("a row that nobody knows")
    assert not [claim.row for claim in discover() if place(claim.row)[0] == last]


def test_what_is_not_decided_is_not_decided_for_any_common_claim_either() -> None:
    undecided = Verdict(Kind.INCONCLUSIVE, "too noisy", needs="quiet").about(["C43", "C44"])
    assert {name: one.kind for name, one in undecided.decisions.items()} == {
        "C43": Kind.INCONCLUSIVE,
        "C44": Kind.INCONCLUSIVE,
    }
    assert Verdict(Kind.HOLDS, "so").about(["C43"]).decisions == {}
