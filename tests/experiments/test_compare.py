"""The command, without the measuring: what it says, what it writes, how it ends."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from authcompare.experiments import results
from authcompare.experiments.claim import Claim
from authcompare.experiments.claims import discover
from authcompare.experiments.common_claims import COMMON
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.frame import Finished, Frame
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.management.commands import compare as command
from authcompare.experiments.telling import machine, readme
from authcompare.experiments.verdict import Kind, Verdict

REFUTED = Verdict(Kind.REFUTED, "It is not so.")


@pytest.fixture(autouse=True)
def newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where /report/ looks; a test must not overwrite somebody's evidence."""
    monkeypatch.setattr(results, "BASE_DIR", tmp_path)
    monkeypatch.setattr(results, "NEWEST", tmp_path / "results.json")
    return tmp_path / "results.json"


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Every claim comes to this verdict, or raises this."""

    def arrange(outcome: Any) -> None:
        def run(frame: Frame, claim: Claim[Any]) -> Finished:
            return Finished(claim, claim.arms(frame.quick), outcome)

        monkeypatch.setattr(Frame, "run", run)

    return arrange


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The checkout is in this state, whatever it really is in."""

    def arrange(**state: Any) -> None:
        found = {**machine.environment(), **state}
        monkeypatch.setattr(command, "environment", lambda: found)

    return arrange


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where shipped results go; beside it a README with a place for them."""
    page = tmp_path / "README.md"
    page.write_text("<!-- verdicts -->\n<!-- /verdicts -->\n")
    monkeypatch.setattr(readme, "README", page)
    monkeypatch.setattr(results, "SHIPPED", tmp_path / "shipped.json")
    return tmp_path / "shipped.json"


def compare(*words: str) -> str:
    out = StringIO()
    call_command("compare", *words, stdout=out)
    return out.getvalue()


def test_the_list_names_every_claim_with_its_statement() -> None:
    lines = compare("--list").splitlines()
    names = [line.split()[0] for line in lines]
    assert {"performance", "revocation", "tampering"} <= set(names) == {claim.name for claim in discover()}
    assert all(claim.statement in " ".join(lines) for claim in discover())


def test_every_claim_says_what_it_decides_and_has_its_own_row() -> None:
    claims = discover()
    assert len({claim.row for claim in claims}) == len(claims)
    decided = [name for claim in claims for name in claim.decides]
    assert len(set(decided)) == len(decided)
    assert set(decided) <= set(COMMON)
    assert all(claim.statement.endswith(".") for claim in claims)


def test_an_unknown_claim_gets_one_sentence_and_status_2() -> None:
    with pytest.raises(CommandError, match=r"There is no claim 'speed'\. The claims are: ") as caught:
        compare("revocation", "speed")
    assert caught.value.returncode == 2


def test_only_read_only_claims_go_against_somebody_else() -> None:
    with pytest.raises(
        CommandError, match=r"'revocation' needs servers of its own; with --against another machine only: "
    ):
        compare("revocation", "--against", "http://example.org")


def test_on_this_machine_others_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        compare("lookups", "--against", "http://lab.localhost:1")


@pytest.mark.parametrize(
    ("url", "said"), [("nonsense", "no URL of a server"), ("http://localhost:1", "DEMO_PASSWORD")]
)
def test_against_needs_a_url_and_a_password(url: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    with pytest.raises(CommandError, match=said):
        compare("--against", url)


def test_a_run_writes_what_the_report_shows(
    newest: Path, tmp_path: Path, measuring: Callable[[Any], None]
) -> None:
    measuring(REFUTED)
    said = compare(
        "tampering", "--quick", "--html", str(tmp_path / "r.html"), "--markdown", str(tmp_path / "r.md")
    )
    assert "REFUTED" in said
    assert "/report/ shows it." in said
    assert [one["name"] for one in (results.read(newest) or {})["claims"]] == ["tampering"]
    assert "It is not so." in (tmp_path / "r.html").read_text()
    assert "It is not so." in (tmp_path / "r.md").read_text()


def test_the_command_that_repeats_a_run_names_no_file_of_this_machine() -> None:
    words = ["compare", "size", "--json", "/a/b.json", "--html=c.html", "--seed", "3", "--ship"]
    said = machine.command(words, {Path("/a/b.json"), Path("c.html"), None})
    assert said == "python manage.py compare size --seed 3 --ship"


def test_a_run_with_a_planted_fault_is_no_evidence(newest: Path, measuring: Callable[[Any], None]) -> None:
    measuring(REFUTED)
    said = compare("tampering", "--settings-under-test", "tests.faults.exp_skipped")
    assert not newest.exists()
    assert "Not shown at /report/: it is about another deployment." in said


@pytest.mark.parametrize("state", [{"commit": "a" * 40, "dirty": True}, {"commit": None, "dirty": False}])
@pytest.mark.parametrize("what", ["tampering", "--bench=storm"])
def test_what_no_commit_holds_is_not_shipped(
    state: dict[str, Any], what: str, shipped: Path, checkout: Callable[..., None]
) -> None:
    checkout(**state)
    with pytest.raises(CommandError, match="must name the commit that it was measured at") as caught:
        compare(what, "--ship")
    assert caught.value.returncode == 2
    assert not shipped.exists()


def test_what_a_commit_holds_is_shipped_and_said_in_the_readme(
    shipped: Path, checkout: Callable[..., None], measuring: Callable[[Any], None]
) -> None:
    checkout(commit="a" * 40, dirty=False)
    measuring(REFUTED)
    compare("tampering", "--ship")
    assert [one["name"] for one in (results.read(shipped) or {})["claims"]] == ["tampering"]
    assert "| **REFUTED** | It is not so. |" in readme.README.read_text()
    assert "at commit aaaaaaaaaa, on " in readme.README.read_text()


def test_refuted_claims_can_fail_a_pipeline(measuring: Callable[[Any], None]) -> None:
    measuring(REFUTED)
    with pytest.raises(SystemExit) as left:
        compare("tampering", "--fail-on", "refuted")
    assert left.value.code == 3


def test_a_broken_harness_fails_and_does_not_blame_the_claim(
    newest: Path, measuring: Callable[[Any], None]
) -> None:
    measuring(Verdict.broken("no server"))
    with pytest.raises(
        CommandError, match=r"The harness failed at: tampering\. That says nothing about the claims"
    ):
        compare("tampering")
    assert not newest.exists()


@pytest.mark.parametrize("error", [Broken("no server"), ZeroDivisionError("division by zero")])
def test_whatever_goes_wrong_in_the_harness_is_broken(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(Fleet, "start", fail)
    with pytest.raises(CommandError, match="The harness failed"):
        compare("tampering", "performance")


def test_an_interruption_marks_the_rest(newest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Fleet, "start", interrupted)
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("compare", stdout=out)
    assert left.value.code == 130
    assert out.getvalue().count("Interrupted before it was measured.") >= len(discover())
    assert not newest.exists()
