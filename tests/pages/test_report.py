"""The report page and the verdicts on the home page, whatever the results file looks like."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from authcompare.experiments import results
from tests.pages import measured

PAGES = ["/", "/report/"]
Place = Callable[[str, Any], Path]


@pytest.fixture(autouse=True)
def places(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Where this machine's results and the shipped ones are looked for; both are missing at first."""
    settings.VAR = tmp_path
    shipped = tmp_path / "shipped.json"
    monkeypatch.setattr(results, "SHIPPED", shipped)
    return {"mine": tmp_path / "results.json", "shipped": shipped}


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_before_the_first_run_it_says_which_command_to_run(client: Client, path: str) -> None:
    page = text(client, path)
    assert "Nothing has been measured on this machine yet" in page
    assert "manage.py compare --quick" in page


@pytest.mark.parametrize("path", PAGES)
def test_own_results_are_shown_with_their_date(client: Client, places: dict[str, Path], path: str) -> None:
    results.write(places["mine"], measured.document())
    results.write(places["shipped"], measured.document(quick=False))
    page = text(client, path)
    assert "Measured on this machine, 23 Nov 2026, 19:12 UTC (quick run)." in page
    assert "Shipped" not in page
    assert measured.DEPENDS.rule in page


@pytest.mark.parametrize("path", PAGES)
def test_until_then_the_shipped_ones_are_shown_and_labelled(
    client: Client, places: dict[str, Path], path: str
) -> None:
    results.write(places["shipped"], measured.document(quick=False))
    assert "Shipped with the project, 23 Nov 2026, 19:12 UTC." in text(client, path)


@pytest.mark.parametrize("path", [*PAGES, "/learn/"])
def test_what_was_not_measured_here_is_shown_as_it_was_shipped_and_labelled(
    client: Client, places: dict[str, Path], path: str
) -> None:
    results.write(places["mine"], measured.document(measured.entry(measured.Tampering(), measured.HOLDS)))
    results.write(places["shipped"], measured.document(quick=False))
    page = text(client, path)
    assert (
        "Measured on this machine, 23 Nov 2026, 19:12 UTC (quick run). The rest (2, marked *) was measured"
        in page
    )
    assert measured.DEPENDS.rule in page
    own, shipped = text(client, "/report/tampering/"), text(client, "/report/performance/")
    assert ("Measured elsewhere" in own, "Measured elsewhere" in shipped) == (False, True)
    written = client.get("/report/results.json").json()["claims"]
    assert [one["name"] for one in written if "elsewhere" in one] == ["performance", "revocation"]


def test_home_counts_the_verdicts_and_leads_to_each_claim(client: Client, places: dict[str, Path]) -> None:
    results.write(places["mine"], measured.document())
    home, report = text(client, "/"), text(client, "/report/")
    for name in ("performance", "revocation", "tampering"):
        assert f'href="/report/#{name}"' in home
        assert f'id="{name}"' in report
    assert 'verdict-broken">BROKEN</span> 1' in home
    assert "1 of 52 common claims have a verdict" in home


def test_nothing_in_the_results_becomes_markup(client: Client, places: dict[str, Path]) -> None:
    results.write(places["mine"], measured.document())
    page, evidence = text(client, "/report/"), text(client, "/report/tampering/")
    assert "&lt;script&gt;" in evidence
    for one in (page, evidence):
        assert not re.search(r"<script(?! type=\"module\" src=\"/static/)", one)
        assert " style=" not in one


def test_new_results_are_seen_without_a_restart(client: Client, places: dict[str, Path]) -> None:
    results.write(places["mine"], measured.document())
    assert "(quick run)" in text(client, "/")
    results.write(places["mine"], measured.document(quick=False))
    assert "(quick run)" not in text(client, "/")


DAMAGED = {
    "empty": "",
    "cut in half": json.dumps(measured.document())[:500],
    "not an object": "[]",
    "another schema": json.dumps({"schema": 0}),
    "without claims": json.dumps({"schema": results.SCHEMA}),
    "no claim": json.dumps({**measured.document(), "claims": []}),
    "a claim without a verdict": json.dumps({**measured.document(), "claims": [{"name": "x"}]}),
    "a claim that is a word": json.dumps({**measured.document(), "claims": ["x"]}),
    "a verdict without decisions": json.dumps(measured.document()).replace('"decisions"', '"decided"'),
    "another verdict": json.dumps(measured.document()).replace('"HOLDS"', '"TRUE"'),
    "a date that is none": json.dumps(measured.document()).replace("2026-11-23", "yesterday"),
    "no text at all": "\x00\x01",
}


@pytest.mark.parametrize("path", [*PAGES, "/report/tampering/", "/choose/?client=pages"])
@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_gives_a_message_and_no_error(
    client: Client, places: dict[str, Path], path: str, content: str
) -> None:
    places["mine"].write_text(content)
    page = text(client, path)
    assert "The results in results.json cannot be read" in page
    assert "Traceback" not in page


def test_bytes_that_are_no_text_are_damage_too(client: Client, places: dict[str, Path]) -> None:
    places["mine"].write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in text(client, "/report/")


def test_the_json_is_what_was_written(client: Client, places: dict[str, Path]) -> None:
    results.write(places["mine"], measured.document())
    answer = client.get("/report/results.json")
    assert answer.content == places["mine"].read_bytes()
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("content", [None, "{"])
def test_without_readable_results_the_json_is_a_problem(
    client: Client, places: dict[str, Path], content: str | None
) -> None:
    if content is not None:
        places["mine"].write_text(content)
    answer = client.get("/report/results.json")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
