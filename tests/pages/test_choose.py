"""The advisor's page: by its address alone, and with every change of an answer where there are scripts."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from authcompare.experiments import results
from tests.pages import measured
from tests.pages.browsing import Visit
from tests.pages.conftest import Demo


@pytest.fixture
def mine(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this machine's results are looked for; they say something about C43 only."""
    settings.VAR = tmp_path
    monkeypatch.setattr(results, "SHIPPED", tmp_path / "none.json")
    results.write(tmp_path / "results.json", measured.document())
    return tmp_path / "results.json"


def text(client: Client, query: str, status: int = 200) -> str:
    answer = client.get(f"/choose/?{query}")
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def test_before_the_first_answer_there_is_no_advice(client: Client, mine: Path) -> None:
    page = text(client, "")
    assert "No answer yet" in page
    assert page.count("<fieldset") <= 6
    assert "checked" not in page


def test_the_address_is_the_answer(client: Client, mine: Path) -> None:
    page = text(client, "client=elsewhere&ending=once")
    assert '<h2 id="answer">Tokens</h2>' in page
    assert 'value="elsewhere" checked' in page
    assert "TOKEN_CHECK=denylist" in page
    assert "What would change this" in page


def test_what_was_not_measured_is_said_so(client: Client, mine: Path) -> None:
    page = text(client, "client=elsewhere")
    assert "NOT MEASURED" in page
    assert "See <a" not in page


def test_a_reason_leads_to_the_row_that_was_measured(client: Client, mine: Path) -> None:
    decided = measured.Verdict(
        measured.Kind.HOLDS, "so", decisions={"C44": measured.Decision(measured.Kind.DEPENDS, "by 0.3 ms")}
    )
    results.write(mine, measured.document(measured.entry(measured.Performance(), decided)))
    page = text(client, "ending=minutes")
    assert 'by 0.3 ms See <a href="/report/performance/">Performance</a>' in page
    assert client.get("/report/performance/").status_code == 200


def test_what_was_measured_and_not_decided_is_said_so(client: Client, mine: Path) -> None:
    open_one = measured.Decision(measured.Kind.INCONCLUSIVE, "by chance")
    verdict = measured.Verdict(measured.Kind.HOLDS, "so", decisions={"C44": open_one})
    results.write(mine, measured.document(measured.entry(measured.Performance(), verdict)))
    assert "That decides nothing yet" in text(client, "ending=minutes")


def test_without_results_it_says_how_to_get_them(client: Client, tmp_path: Path, settings: Any) -> None:
    settings.VAR = tmp_path
    (tmp_path / "results.json").write_text("{")
    page = text(client, "client=pages")
    assert "cannot be read" in page
    assert "manage.py compare --quick" in page


@pytest.mark.parametrize("value", ["banana", "<script>", "x" * 5000, "\x00", "pages "])
def test_an_answer_that_is_none_gets_a_message_beside_its_question(
    client: Client, mine: Path, value: str
) -> None:
    answer = client.get("/choose/", {"client": value, "ending": "once"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert len(re.findall('id="client-error"', page)) == 1
    assert '<fieldset aria-describedby="client-error">' in page
    assert "is no answer to this question" in page
    assert "<script>" not in page.replace('<script type="module"', "")
    assert len(answer.content) < 20_000
    assert 'value="once" checked' in page


def test_of_an_answer_given_twice_the_last_one_counts(client: Client, mine: Path) -> None:
    assert 'value="pages" checked' in text(client, "client=programs&client=pages")


def test_it_asks_a_stranger_for_nothing(client: Client, mine: Path) -> None:
    assert not client.get("/choose/?client=pages").cookies


@pytest.mark.browser
def test_by_keyboard_the_advice_follows_each_answer_and_so_does_the_address(visit: Visit) -> None:
    page = visit.page
    page.goto("/choose/")
    page.get_by_label("Browsers that load pages from this server").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", name="Tokens", exact=True)).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Tokens")
    assert page.url.endswith("/choose/?client=elsewhere")
    page.reload()
    expect(page.get_by_role("heading", name="Tokens", exact=True)).to_be_visible()


@pytest.mark.browser
def test_without_scripts_the_button_does_the_same(browser: Browser, demo: Demo) -> None:
    visit = Visit.begin(browser, demo, java_script_enabled=False)
    visit.page.goto("/choose/")
    visit.page.get_by_label("Programs: mobile apps").check()
    visit.page.get_by_role("button", name="Show the advice").click()
    expect(visit.page.get_by_role("heading", name="Tokens", exact=True)).to_be_visible()
    visit.context.close()
