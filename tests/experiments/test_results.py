"""The file of a run: evidence is never lost, and what is no such file says why."""

from pathlib import Path

import pytest

from authcompare.experiments import results
from authcompare.experiments.claims.performance import Performance
from tests.pages.measured import document


def test_a_later_run_replaces_its_own_claim_only() -> None:
    old, new = document(), document()
    new["claims"] = [{**new["claims"][1], "statement": "newer"}]
    kept = {one["name"]: one["statement"] for one in results.merged(old, new)["claims"]}
    assert set(kept) == {"performance", "revocation", "tampering"}
    assert (kept["tampering"], kept["performance"]) == ("newer", Performance().statement)


@pytest.mark.parametrize("change", [{"kind": "BROKEN"}, {"kind": "SKIPPED"}, {}])
def test_what_came_to_no_verdict_replaces_nothing(change: dict[str, str]) -> None:
    old, new = document(), document()
    worse = new["claims"][1]
    worse["verdict"].update(change)
    worse["measured"]["interrupted"] = not change
    worse["statement"] = "worse"
    new["claims"] = [worse]
    assert results.merged(old, new)["claims"] == old["claims"]
    assert not results.worth_keeping(new)
    assert results.worth_keeping(old)


def test_results_survive_the_file(tmp_path: Path) -> None:
    found, path = document(), tmp_path / "deep" / "results.json"
    results.write(path, found)
    assert results.read(path) == found
    assert [one.name for one in path.parent.iterdir()] == ["results.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no results file: it is not JSON."),
        ("{", "is no results file: it is not JSON."),
        ("[]", "is no results file."),
        ("{}", "is no results file."),
        ('{"schema": 0}', f"has schema 0; this program reads schema {results.SCHEMA}."),
    ],
)
def test_other_files_are_no_results(tmp_path: Path, content: str, said: str) -> None:
    path, missing = tmp_path / "results.json", tmp_path / "missing.json"
    path.write_text(content)
    assert results.read(path) is None
    with pytest.raises(results.Unreadable, match=f"^{path} {said}$"):
        results.loaded(path)
    assert results.read(missing) is None
    with pytest.raises(results.Unreadable, match=f"^{missing} cannot be read: No such file or directory.$"):
        results.loaded(missing)
