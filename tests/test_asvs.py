"""Every requirement of ASVS 5.0 at levels 1 and 2 that applies is proven by tests that exist, or answered."""

import json
import re
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from authcompare.pages import requirements
from tests import asvs

FLOORS = {
    "Django": (5, 2, 19),
    "PyJWT": (2, 15),
    "djangorestframework_simplejwt": (5, 5, 1),
    "cryptography": (45,),
}


def test_every_line_is_whole_and_stands_once() -> None:
    rows = asvs.table()
    ids = [row.id for row in rows]
    assert ids == sorted(set(ids), key=lambda each: [int(part) for part in each.split(".")])
    assert len(rows) > 100
    for row in rows:
        assert re.fullmatch(r"\d+\.\d+\.\d+", row.id)
        assert (row.level in (1, 2), bool(row.requirement)) == (True, True)
        assert row.applies_to in ("both", *asvs.SCHEMES)
        assert bool(row.proven_by) != bool(row.why_not), f"{row.id}: tests, or a sentence"


def test_every_test_it_names_is_one_that_pytest_collects() -> None:
    named = sorted({test for row in asvs.table() for test in row.tests})
    assert not [name for name in named if not is_collected(name)]


def is_collected(name: str) -> bool:
    """By pytest's own rules for names of files, classes and functions, followed in the imported module."""
    file, *path = name.split("::")
    found: Any = import_module("tests." + file.removesuffix(".py").replace("/", "."))
    for each in path:
        found = getattr(found, each, None)
    classes, function = path[:-1], path[-1]
    rules = Path(file).name.startswith("test_") and all(each.startswith("Test") for each in classes)
    return rules and function.startswith("test_") and callable(found)


def test_the_score_is_counted_shipped_and_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(requirements.SHIPPED.read_text()) == asvs.document(), "run python -m tests.asvs"
    said = requirements.in_words(asvs.scores())
    assert said in asvs.README.read_text(), "run python -m tests.asvs"
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")


def test_the_report_shows_it(client: Client, db: None) -> None:
    page = client.get("/report/").content.decode()
    for score in asvs.scores():
        assert f'<td class="number">{score.proven}</td><td class="number">{score.reasoned}</td>' in page
    assert all(row.id in page for row in asvs.table() if row.why_not)


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_no_component_is_older_than_its_last_known_hole(name: str) -> None:
    assert tuple(int(part) for part in re.findall(r"\d+", version(name))[:3]) >= FLOORS[name]


def test_the_readme_says_how_long_a_login_lives(settings: Any) -> None:
    text = " ".join(asvs.README.read_text().split())
    idle, absolute = settings.SESSION_IDLE_SECONDS // 3600, settings.SESSION_ABSOLUTE_SECONDS // 86400
    assert (idle * 3600, absolute * 86400) == (settings.TOKEN_IDLE_SECONDS, settings.TOKEN_ABSOLUTE_SECONDS)
    assert f"after {idle} hours without use and after {absolute} days in any case" in text
