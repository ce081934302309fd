"""Runs that agree, and every way in which they may not; read from files as `--json` writes them."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from authcompare.experiments import results
from authcompare.experiments.agreement import agreement
from authcompare.experiments.claims import discover
from authcompare.experiments.claims.performance import PRIMARY
from authcompare.experiments.frame import Finished
from authcompare.experiments.verdict import Decision, Kind, Verdict
from tests.experiments.canned import timed

SAID = Verdict(Kind.HOLDS, "It is so.", decisions={"C01": Decision(Kind.HOLDS, "It is so.")})
ADDED = {"sessions, database": 0.3, "tokens, database": 0.3, "sessions, cached": 0.2, "tokens, denylist": 0.2}
Runs = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path) -> Runs:
    """The file of a run of every claim, in which `change` may have changed something."""

    def write(name: str, seed: int, change: Callable[[Any], Any] = dict, **extra: float) -> Path:
        environment = {"cpu": "one", "commit": "a" * 40, "dirty": False}
        facts = {
            "command": "compare",
            "started": "2026-11-23T19:00:00+00:00",
            "quick": False,
            "seed": seed,
            "options": [],
        }
        samples = timed({**ADDED, **extra}, seed=seed)
        finished = [
            Finished(claim, [], SAID, samples if claim.name == "performance" else {}) for claim in discover()
        ]
        found = results.document({**facts, "environment": environment}, finished)
        change(found)
        results.write(tmp_path / name, found)
        return tmp_path / name

    return write


def agree(*files: Path) -> tuple[int, str]:
    """The status with which the command ends, and what it said."""
    out = StringIO()
    try:
        call_command("compare", "--agree", *map(str, files), stdout=out)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def entry(found: Any, name: str) -> Any:
    return next(one for one in found["claims"] if one["name"] == name)


def test_runs_that_agree_say_so_about_every_row_and_every_pair(run: Runs) -> None:
    files = [run("a.json", 1), run("b.json", 2), run("c.json", 4)]
    status, said = agree(*files)
    assert (status, "The 3 runs agree." in said) == (0, True)
    assert said.count("the same") == len(discover())
    assert said.count("includes zero") == len(PRIMARY) * 3
    assert "Each of the 12 intervals is at 99% by itself" in said
    assert "in at most 12% of such comparisons" in said


def test_a_verdict_that_turned_is_told_by_both_names(run: Runs) -> None:
    def turn(found: Any) -> None:
        entry(found, "storage")["verdict"]["kind"] = "REFUTED"

    status, said = agree(run("a.json", 1), run("b.json", 2, turn))
    assert status == 1
    assert "Storage" in (line := next(line for line in said.splitlines() if "differs" in line))
    assert "HOLDS" in line
    assert "Verdicts that differ: 1; intervals that exclude zero: 0." in said


def test_a_common_claim_that_turned_below_the_same_verdict_is_told(run: Runs) -> None:
    def turn(found: Any) -> None:
        entry(found, "storage")["verdict"]["decisions"]["C01"]["kind"] = "REFUTED"

    files = [run("a.json", 1), run("b.json", 2, turn)]
    assert agree(*files)[0] == 1
    assert [row.row for row in agreement(files).rows if not row.same] == ["Storage"]


def test_a_contrast_that_shifted_excludes_zero_and_no_other_does(run: Runs) -> None:
    files = [run("a.json", 1), run("b.json", 2, **{"tokens, database": 0.5})]
    status, said = agree(*files)
    apart = [one for one in agreement(files).differences if not one.none_seen]
    assert status == 1
    assert "Verdicts that differ: 0; intervals that exclude zero: 1." in said
    assert [PRIMARY[one.contrast] for one in apart] == [("tokens, database", "sessions, database")]
    assert apart[0].found.value == pytest.approx(0.2, abs=0.05)


def test_another_commit_another_machine_and_a_quick_run_are_words_of_caution(run: Runs) -> None:
    def elsewhere(found: Any) -> None:
        found["environment"] |= {"cpu": "another", "commit": "b" * 40}
        entry(found, "storage")["measured"] |= {"quick": True, "started": "2026-11-22T19:00:00+00:00"}

    status, said = agree(run("a.json", 1), run("b.json", 2, elsewhere))
    assert status == 0
    assert "! The runs differ in cpu: one (" in said
    assert "! The runs differ in commit: aaaa" in said
    assert "b.json is a quick run" in said
    assert "b.json was put together from 2 runs." in said


def test_what_nobody_measured_is_no_agreement_without_a_word(run: Runs) -> None:
    def skip(found: Any) -> None:
        entry(found, "storage")["verdict"]["kind"] = "SKIPPED"

    status, said = agree(run("a.json", 1, skip), run("b.json", 2, skip))
    assert (status, "! Not measured everywhere: Storage." in said) == (0, True)


def without(name: str) -> Callable[[Any], None]:
    return lambda found: found["claims"].remove(entry(found, name))


def of_performance(change: Callable[[Any], Any]) -> Callable[[Any], None]:
    return lambda found: change(entry(found, "performance"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: found.update(schema=0), "has schema 0; this program reads schema 1."),
        (lambda found: found.pop("claims"), "is no results file: KeyError('claims')."),
        (lambda found: found.update(claims=[1]), "is no results file: TypeError("),
        (without("storage"), "is a part of a run: storage is not in it."),
        (
            of_performance(lambda one: one["measured"].update(interrupted=True)),
            "is a part of a run: performance was interrupted.",
        ),
        (
            of_performance(lambda one: one["verdict"].update(kind="BROKEN")),
            "is a part of a run: performance is BROKEN.",
        ),
        (
            of_performance(lambda one: one["samples"].pop("tokens, denylist")),
            "lacks the contrast “looked up in Redis, as the session is”: tokens, denylist was not measured.",
        ),
        (of_performance(lambda one: one["samples"].pop("open, copy")), "open, copy was not measured."),
        (of_performance(lambda one: one["samples"].update({"open, copy": [[0]]})), "is no results file: "),
    ],
)
def test_a_file_that_cannot_be_compared_gets_one_sentence_and_status_2(
    run: Runs, change: Callable[[Any], Any], said: str
) -> None:
    broken = run("b.json", 2, change)
    status, words = agree(run("a.json", 1), broken)
    assert status == 2
    assert words.startswith(str(broken))
    assert said in words
    assert "\n" not in words


def test_what_is_no_file_no_json_or_the_same_run_again_is_refused(run: Runs, tmp_path: Path) -> None:
    one, words = run("a.json", 1), tmp_path / "words.json"
    words.write_text("not JSON")
    assert agree(one, words) == (2, f"{words} is no results file: it is not JSON.")
    assert agree(one, tmp_path / "none") == (
        2,
        f"{tmp_path / 'none'} cannot be read: No such file or directory.",
    )
    assert agree(one, run("b.json", 1)) == (2, f"{one} and {tmp_path / 'b.json'} hold the same run.")
    assert agree(one) == (2, "To agree takes at least two files.")


def test_the_shipped_run_can_be_compared(run: Runs) -> None:
    found = agreement([results.SHIPPED, run("a.json", 1)])
    assert len(found.rows) == len(discover())
    assert len(found.differences) == len(PRIMARY)
