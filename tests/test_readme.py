"""What the README says is what is: its table is made from the shipped run, its commands are those of CI."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from authcompare.experiments import results
from authcompare.experiments.bench import record
from authcompare.experiments.claims import discover
from authcompare.experiments.telling import shipping
from authcompare.experiments.telling.contents import conclusion
from authcompare.experiments.telling.glossary import NAMES, VERDICTS
from authcompare.experiments.telling.readme import between

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_the_table_is_made_from_the_shipped_run() -> None:
    shipped = results.read(results.SHIPPED)
    assert shipped is not None
    assert between(README, shipping.PART, shipping.verdicts(shipped)) == README


def test_the_tables_of_goals_are_made_from_the_shipped_benchmarks() -> None:
    shipped = results.read(record.SHIPPED)
    assert shipped is not None
    assert between(README, record.PART, record.tables(shipped)) == README


def test_its_table_says_all_that_was_found_in_whole_sentences() -> None:
    shipped = results.read(results.SHIPPED)
    assert shipped is not None
    for said in [text for one in shipped["claims"] for text in (one["statement"], conclusion(one))]:
        assert said.endswith(".")
        assert "…" not in said.replace("`__Host-…`", "")  # a prefix, whatever the name after it
        assert f"| {said} |" in README


def test_what_a_run_writes_replaces_what_stood_between_its_marks_alone() -> None:
    page = "before\n<!-- goals -->\nold\n<!-- /goals -->\n<!-- verdicts -->\n<!-- /verdicts -->\nafter"
    assert between(page, "goals", "new\n") == page.replace("old", "new")


def test_a_page_without_the_marks_is_not_taken_for_one_that_was_written() -> None:
    with pytest.raises(ValueError, match="<!-- goals -->"):
        between("before\nafter", "goals", "new")


def test_the_shipped_run_is_a_full_one_of_every_claim_on_a_known_commit() -> None:
    shipped = results.read(results.SHIPPED)
    assert shipped is not None
    assert {one["name"] for one in shipped["claims"]} == {claim.name for claim in discover()}
    assert not any(one["measured"]["quick"] for one in shipped["claims"])
    assert shipped["environment"]["commit"]
    assert not shipped["environment"]["dirty"]


def test_every_command_it_names_exists() -> None:
    commands = set(re.findall(r"manage\.py (\w+)", README))
    assert {"demo", "compare"} <= commands <= set(get_commands())


def test_every_file_it_links_exists() -> None:
    links = re.findall(r"\]\((?!http|#)([^)]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_every_module_it_names_exists() -> None:
    files = [f"/{path.relative_to(ROOT).as_posix()}" for path in ROOT.glob("[!.v]*/**/*.py")]
    named = set(re.findall(r"`([\w./]+\.py)`", README)) - {
        "length.py",
        "utils.py",
    }  # an example; what must not be
    assert len(named) > 10
    assert not [name for name in named if not any(file.endswith(f"/{name}") for file in files)]


def test_it_explains_the_words_of_the_report() -> None:
    assert [f"| {word} | {means} |" for word, means in VERDICTS.items()] == re.findall(
        r"^\| [A-Z]+ \| .* \|$", README, re.MULTILINE
    )
    stores = set(re.findall(r"^\| (\w+, \w+) \|", README, re.MULTILINE))
    assert stores == {name for name in NAMES if ", " in name} - {"sessions, memory"}  # in the lab only
