"""The attack room, run in a real browser: each outcome is what the server recorded."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client, override_settings
from playwright.sync_api import Browser, Page, expect

from tests.pages.browsing import Visit
from tests.pages.conftest import Demo
from tests.pages.test_looks import SIZES, violations

browser_test = pytest.mark.browser
PAGES = ["/attacks/", "/attacks/injection/", "/attacks/forgery/", "/attacks/stolen/"]
VICTIM = "app.lab.localhost"
NO_LOOT = ["", "[", "[1]", '"x"', "[" * 9000, '{"a b": "x"}', '{"x": "a\\nb"}', '{"x": "\\ud800"}']


@pytest.fixture
def visit(browser: Browser, demo: Demo) -> Iterator[Visit]:
    visit = Visit.begin(browser, demo)
    yield visit
    visit.context.close()


def run(visit: Visit, name: str, **chosen: str) -> Page:
    page = visit.page
    page.goto(f"http://{VICTIM}:{visit.demo.port}/attacks/{name}/")
    for choice, value in chosen.items():
        page.locator(f"input[name={choice}][value={value}]").check()
    page.locator("input[name=guess][value=no]").check()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("status")).to_contain_text("Done.")
    return page


def count(page: Page, name: str) -> int:
    return int(page.locator(f"#evidence [data-{name}]").get_attribute(f"data-{name}") or 0)


def answers(page: Page) -> dict[str, str]:
    """The last answer to each step, by its name."""
    rows = page.locator("#evidence tbody tr").all()
    return {row.get_attribute("data-step") or "": row.locator("td").last.inner_text() for row in rows}


@browser_test
@pytest.mark.parametrize(
    ("place", "policy", "stolen", "ridden"),
    [
        ("session", "off", False, True),
        ("cookie", "off", False, True),
        ("local", "off", True, True),
        ("tab", "off", True, True),
        ("memory", "off", True, True),
        ("local", "on", False, False),
    ],
)
def test_an_injected_script_steals_what_it_can_read_and_rides_the_rest(
    visit: Visit, place: str, policy: str, stolen: bool, ridden: bool
) -> None:
    page = run(visit, "injection", place=place, policy=policy)
    assert (count(page, "thief") > 0, count(page, "written") > 0) == (stolen, ridden)
    # What Chromium itself says about the stopped script and the refused requests of the attack is meant.
    meant = "^info|Refused to execute|violates the following Content Security Policy|Failed to load resource"
    assert [each for each in visit.complaints if not re.search(meant, each)] == []


@browser_test
@pytest.mark.parametrize(
    ("place", "origin", "written"),
    [
        ("session", "elsewhere", []),
        ("session", "sibling", ["forged-unguarded"]),
        ("cookie", "sibling", []),
        ("memory", "sibling", []),
    ],
)
def test_a_forged_request_meets_layer_after_layer(
    visit: Visit, place: str, origin: str, written: list[str]
) -> None:
    page = run(visit, "forgery", place=place, origin=origin)
    answered = answers(page)
    assert [step for step in answered if step.startswith("forged") and answered[step][0] == "2"] == written
    assert answered["forged-page"] == "403 Forbidden"
    site = {"elsewhere": "cross-site", "sibling": "same-site"}[origin]
    expect(page.locator("[data-step=forged-page]")).to_contain_text(f"Sec-Fetch-Site: {site}")
    cookies = page.locator("[data-step=forged-unguarded]").get_by_text("sessionid")
    assert cookies.count() == (place == "session" and origin == "sibling")


@browser_test
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("cookie", {"thief-first": "200 OK", "thief-afterwards": "401 Unauthorized"}),
        ("access", {"thief-first": "200 OK", "thief-afterwards": "200 OK"}),
        (
            "refresh",
            {
                "thief-first": "200 OK",
                "victim-refreshes": "401 Unauthorized",
                "thief-afterwards": "401 Unauthorized",
            },
        ),
    ],
)
def test_a_stolen_credential_works_until_something_ends_it(
    visit: Visit, kind: str, expected: dict[str, str]
) -> None:
    page = run(visit, "stolen", kind=kind)
    answered = answers(page)
    assert {step: answered[step] for step in expected} == expected
    expect(page.get_by_role("row", name=re.compile("^Thief")).first).to_be_visible()


@browser_test
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_readable_by_everybody(browser: Browser, demo: Demo, width: int, scheme: str) -> None:
    window = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    visit = Visit.begin(browser, demo, **window)
    for path in PAGES:
        visit.page.goto(path)
        assert violations(visit.page) == []
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert visit.page.evaluate(SIZES) == []
    run(visit, "stolen", kind="cookie")
    assert violations(visit.page) == []
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [each for each in visit.complaints if not re.search("^info|Failed to load", each)] == []
    visit.context.close()


@browser_test
def test_the_keyboard_is_enough_and_the_focus_goes_to_what_happened(visit: Visit) -> None:
    page = visit.page
    page.goto("/attacks/stolen/")
    page.locator("input[name=kind]").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[name=kind][value=access]")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_text("What happened")
    expect(page.get_by_role("status")).to_have_text("Done. You predicted right.")


@override_settings(WIRE=True)
def test_only_the_lab_on_this_machine_has_it(client: Client, db: None) -> None:
    at = {"Host": VICTIM}
    assert client.get("/attacks/", headers=at).status_code == 200
    assert (
        client.get("/attacks/", headers={"Host": "127.0.0.1"})
        .headers["Location"]
        .startswith(f"http://{VICTIM}")
    )
    assert Client(REMOTE_ADDR="192.0.2.1").get("/attacks/", headers=at).status_code in (403, 404)
    assert client.get("/attacks/nothing/", headers=at).status_code == 404
    assert client.get("/attacks/happened/not-a-run/", headers=at).status_code == 404
    assert client.post("/attacks/unguarded/", headers={"Host": "127.0.0.1"}).status_code == 404
    with override_settings(WIRE=False):
        assert client.get("/attacks/", headers=at).status_code == 404


@pytest.mark.parametrize("loot", NO_LOOT)
@override_settings(WIRE=True)
def test_what_cannot_be_loot_is_refused(client: Client, db: None, loot: str) -> None:
    thief = {"Host": "evil.localhost"}
    answer = client.post("/attacks/loot/00000000/", loot, "text/plain", headers=thief)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "copy", [{}, {"kind": "nothing", "token": "x"}, {"kind": "access"}, {"kind": "access", "token": "a\nb"}]
)
@override_settings(WIRE=True)
def test_what_cannot_be_a_copy_is_refused(client: Client, db: None, copy: dict[str, str]) -> None:
    at = {"Host": VICTIM}
    assert client.post("/attacks/steal/00000000/", copy, headers=at).status_code == 400
    assert client.post("/attacks/reuse/00000000/", {"label": "first"}, headers=at).status_code == 400


@override_settings(WIRE=True)
def test_an_application_that_does_not_answer_the_thief_is_said_so(client: Client, db: None) -> None:
    thief = {"Host": "evil.localhost"}  # in process there is no server at the port we seem to be asked at
    answer = client.post("/attacks/loot/00000000/", '{"x": "y"}', "text/plain", headers=thief)
    assert answer.status_code == 503


def test_only_the_one_page_with_a_hole_has_a_policy_with_a_hole(client: Client, db: None) -> None:
    at = {"Host": VICTIM}
    with override_settings(WIRE=True):
        policies = {
            path: client.get(path, headers=at).headers["Content-Security-Policy"]
            for path in [*PAGES, "/attacks/board/00000000/?policy=off", "/attacks/board/00000000/?policy=on"]
        }
    assert [path for path, policy in policies.items() if "unsafe" in policy] == [
        "/attacks/board/00000000/?policy=off"
    ]
