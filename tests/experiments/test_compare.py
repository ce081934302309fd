"""The command, without the measuring: what it says, what it writes, how it ends."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from authcompare.experiments import bench, results
from authcompare.experiments.bench import record
from authcompare.experiments.claims import discover
from authcompare.experiments.common_claims import COMMON
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.frame import Finished, Frame
from authcompare.experiments.management.commands import compare as command
from authcompare.experiments.telling import machine, readme
from tests.experiments.commanding import REFUTED, compare
from tests.experiments.lookalikes import lookalike

pytestmark = pytest.mark.usefixtures("newest")


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The checkout is in this state, whatever it really is in."""

    def arrange(**state: Any) -> None:
        found = {**machine.environment(), **state}
        monkeypatch.setattr(command, "environment", lambda: found)

    return arrange


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


@pytest.mark.parametrize(
    "words",
    [
        ["--quick"],
        ["--quick", "--bench=storm"],
        ["--settings-under-test", "tests.faults.exp_skipped"],
        ["--against", "http://localhost:1"],
    ],
)
def test_only_a_full_run_of_this_product_is_shipped(
    words: list[str], shipped: Path, checkout: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "of somebody")
    checkout(commit="a" * 40, dirty=False)
    with pytest.raises(CommandError, match="What is shipped is a full run of this product") as caught:
        compare("tampering", "--ship", *words)
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


def test_a_run_about_another_deployment_says_how_to_repeat_it(
    tmp_path: Path, measuring: Callable[[Any], None]
) -> None:
    measuring(REFUTED)
    kept = tmp_path / "faulty.json"
    compare(
        "tampering", "--settings-under-test", "tests.faults.exp_skipped", "--json", str(kept), "--seed", "3"
    )
    (one,) = results.loaded(kept)["claims"]
    assert one["measured"]["rerun"].endswith("--seed 3 --settings-under-test tests.faults.exp_skipped")


def test_a_report_about_somebody_elses_deployment_does_not_describe_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "of somebody")
    monkeypatch.setattr(Frame, "run_against", lambda frame, claim, site: Finished(claim, [], REFUTED))
    lab = {"commit": "b" * 40, "database": "postgresql"}
    with lookalike(200, json.dumps({"lab": lab}).encode()) as site:
        url, kept = f"http://localhost:{site.doors[0].port}", tmp_path / "theirs.json"
        compare("tampering", "--against", url, "--user", "bob", "--json", str(kept), "--seed", "3")
    found = results.loaded(kept)
    said, (one,) = found["environment"], found["claims"]
    assert (said["commit"], said["database"], said["django"]) == ("b" * 40, "postgresql", "not told")
    assert url in said["server"]
    assert not {"packages", "dirty"} & {name for name, value in said.items() if value}
    assert one["measured"]["rerun"].endswith(f"--seed 3 --against {url} --user bob")


def test_a_benchmark_that_breaks_takes_nothing_from_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(*args: object) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "storm", {"goals": []}
        raise Broken("no server")

    monkeypatch.setattr(bench, "measured", measured)
    monkeypatch.setattr(record, "NEWEST", tmp_path / "bench.json")
    monkeypatch.setattr(record, "show", lambda out, one: None)
    with pytest.raises(CommandError, match="no server"):
        compare("--bench")
    assert set(results.loaded(record.NEWEST)["benches"]) == {"storm"}
