"""The claim that the README gives as an example is a whole one: it is found, measured and judged."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from authcompare.experiments import claims
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind
from tests.experiments.test_faults_live import visited

README = Path(__file__).resolve().parents[2] / "README.md"
EXAMPLE = re.compile(r"^```python (?P<file>\w+\.py)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """As it stands there, in a file beside the others."""
    example = EXAMPLE.search(README.read_text())
    assert example is not None
    file = tmp_path / example["file"]
    file.write_text(example["text"])
    monkeypatch.setattr(claims, "__path__", [*claims.__path__, str(tmp_path)])
    yield next(one for one in claims.discover() if one.name == file.stem)
    del sys.modules[f"{claims.__name__}.{file.stem}"]


def test_a_new_file_is_a_claim_that_can_be_measured(claim: Any, fleet: Fleet) -> None:
    samples = {arm.name: visited(fleet, claim, arm.name) for arm in claim.arms(quick=True)}
    verdict = claim.judge(samples)
    assert verdict.kind is Kind.HOLDS
    assert all(figure.text in verdict.because for figure in verdict.figures)
    refuted = claim.judge({"session": samples["token"], "token": samples["session"]})
    assert refuted.kind is Kind.REFUTED
