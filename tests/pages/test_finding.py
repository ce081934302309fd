"""Finding one of the 52 common claims on the report's page; the pages of the evidence that was shipped."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from authcompare.experiments import results
from tests.pages.browsing import Visit
from tests.pages.conftest import Demo
from tests.pages.test_looks import BUDGET_BYTES


@pytest.mark.browser
def test_words_find_claims_and_the_address_keeps_them(visit: Visit) -> None:
    page = visit.page
    page.goto("/report/")
    page.get_by_label("Find a claim").focus()
    page.keyboard.type("localstorage exposed")
    expect(page.locator(".common > li:visible")).to_have_count(1)
    expect(page.locator("#C46")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("1 of 52 claims")
    assert page.url.endswith("/report/?find=localstorage+exposed")
    page.reload()
    expect(page.locator(".common > li:visible")).to_have_count(1)
    page.get_by_label("Find a claim").fill("")
    expect(page.locator(".common > li:visible")).to_have_count(52)


@pytest.mark.browser
def test_a_link_to_a_claim_shows_it_whatever_was_searched_for(visit: Visit) -> None:
    visit.page.goto("/report/?find=localstorage+exposed")
    expect(visit.page.locator("#C07")).to_be_hidden()
    visit.page.evaluate("location.hash = 'C07'")
    expect(visit.page.locator("#C07")).to_be_visible()


@pytest.mark.browser
def test_without_scripts_it_is_a_list_with_an_address_for_each(browser: Browser, demo: Demo) -> None:
    visit = Visit.begin(browser, demo, java_script_enabled=False)
    visit.page.goto("/report/#C43")
    expect(visit.page.locator(".common > li:visible")).to_have_count(52)
    expect(visit.page.get_by_label("Find a claim")).to_be_hidden()
    expect(visit.page.locator("#C43")).to_be_in_viewport()
    visit.context.close()


@pytest.mark.browser
def test_from_a_verdict_to_the_requests_behind_it_by_keyboard(visit: Visit) -> None:
    page = visit.page
    page.goto("/report/")
    page.get_by_role("link", name="The evidence for Security: tampering").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The requests that decided").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("GET /<script>alert(1)</script>")).to_be_visible()


@pytest.fixture
def shipped(client: Client, tmp_path: Any, settings: Any) -> Client:
    """Nothing was measured on this machine."""
    settings.VAR = tmp_path
    return client


def test_the_report_of_the_shipped_results_is_not_too_big_for_a_page(shipped: Client) -> None:
    page = shipped.get("/report/").content
    assert b"Shipped with the project" in page
    assert len(page) < BUDGET_BYTES


def test_the_evidence_of_every_shipped_claim_has_a_page_that_is_not_too_big(shipped: Client) -> None:
    found = results.read(results.SHIPPED)
    assert found is not None
    sizes = {
        name: len(shipped.get(f"/report/{name}/").content)
        for name in (entry["name"] for entry in found["claims"])
    }
    assert {name: size for name, size in sizes.items() if not 5_000 < size < BUDGET_BYTES} == {}


def test_a_claim_without_results_is_not_found(shipped: Client) -> None:
    answer = shipped.get("/report/no-such-claim/", headers={"Accept": "text/html"})
    assert answer.status_code == 404


def test_the_report_is_sent_small_to_who_takes_it_small(shipped: Client) -> None:
    answer = shipped.get("/report/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < BUDGET_BYTES / 4
