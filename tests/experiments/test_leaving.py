"""How the command ends: what fails it, and what an interruption leaves."""

import json
import signal
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from authcompare.experiments import leaving, results
from authcompare.experiments.claims import discover
from authcompare.experiments.deployments.deployment import Broken
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.commanding import REFUTED, compare, ending

pytestmark = pytest.mark.usefixtures("newest")


def test_refuted_claims_can_fail_a_pipeline(measuring: Callable[[Any], None]) -> None:
    measuring(REFUTED)
    with pytest.raises(SystemExit) as left:
        compare("tampering", "--fail-on", "refuted")
    assert left.value.code == 3


@pytest.mark.parametrize(("kind", "status"), [(Kind.REFUTED, 3), (Kind.HOLDS, 0), (Kind.INCONCLUSIVE, 0)])
def test_what_is_decided_otherwise_than_shipped_can_fail_a_pipeline(
    kind: Kind, status: int, shipped: Path, measuring: Callable[[Any], None]
) -> None:
    known = [{"name": name, "verdict": {"kind": "HOLDS"}} for name in ("tampering", "size")]
    shipped.write_text(json.dumps({"schema": results.SCHEMA, "claims": known}))
    measuring({"tampering": Verdict(kind, "It is so.", needs="more.")})
    assert ending("tampering", "size", "--fail-on", "changed") == status


@pytest.mark.parametrize("reason", ["refuted", "changed"])
def test_a_pipeline_does_not_pass_where_nothing_was_decided(
    reason: str, measuring: Callable[[Any], None]
) -> None:
    measuring(Verdict.skipped("There is no browser."))
    with pytest.raises(CommandError, match="Nothing was decided"):
        compare("tampering", "--fail-on", reason)


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


@pytest.mark.parametrize("first", leaving.ENDINGS)
def test_the_first_signal_ends_the_run_and_no_other_takes_what_is_being_kept(first: signal.Signals) -> None:
    leaving.end_once()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(first)
    for another in leaving.ENDINGS:
        signal.raise_signal(another)
