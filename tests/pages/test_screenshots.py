"""`manage.py screenshots` takes its pictures from a demo that runs, and says why where it cannot."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from playwright.sync_api import Browser

from authcompare.pages.management.commands.screenshots import MAX_BYTES, trade_off_curve
from tests.pages.conftest import PASSWORD, Demo


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)


@pytest.mark.browser
def test_both_pictures_are_taken_and_small(browser: object, demo: Demo, tmp_path: Path) -> None:
    call_command("screenshots", url=f"{demo.base}/", into=tmp_path)
    taken = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert taken.keys() == {"side-by-side.webp", "trade-off-curve.webp"}
    for picture in taken.values():
        assert picture[8:12] == b"WEBP"
        assert 10_000 < len(picture) <= MAX_BYTES


@pytest.mark.browser
def test_a_missing_curve_is_said(browser: Browser) -> None:
    page = browser.new_page()
    page.route("**/report/", lambda asked: asked.fulfill(body="<h1>None</h1>", content_type="text/html"))
    with pytest.raises(CommandError, match=r"no trade-off curve: `manage.py compare` first"):
        trade_off_curve(page, "http://demo.localhost")
    page.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[", "http://a b", "ftp://127.0.0.1", "x"])
def test_where_no_demo_answers_it_says_how_to_start_one(url: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"No demo answers at .*Start one with `manage.py demo`"):
        call_command("screenshots", url=url, into=tmp_path)


def test_without_a_password_it_says_where_to_give_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DEMO_PASSWORD")
    with pytest.raises(CommandError, match="with a DEMO_PASSWORD of yours"):
        call_command("screenshots", url="http://127.0.0.1:8000", into=tmp_path)
