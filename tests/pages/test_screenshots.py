"""`manage.py screenshots` takes its pictures from a demo that runs, and says why where it cannot."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from authcompare.pages.management.commands.screenshots import MAX_BYTES
from tests.pages.conftest import PASSWORD, Demo


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)


@pytest.mark.browser
def test_what_can_be_taken_is_taken_and_small_and_a_missing_curve_is_said(
    browser: object, demo: Demo, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=r"no trade-off curve: `manage.py compare` first"):
        call_command("screenshots", url=f"{demo.base}/", into=tmp_path)
    (taken,) = tmp_path.iterdir()
    assert taken.name == "side-by-side.webp"
    assert taken.read_bytes()[8:12] == b"WEBP"
    assert 10_000 < taken.stat().st_size <= MAX_BYTES


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
