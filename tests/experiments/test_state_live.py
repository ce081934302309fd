"""What real servers keep, and planted faults that have to turn the verdict."""

import pytest

from authcompare.experiments.claims.state import ServersKeepSessions
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind
from tests.experiments.test_faults_live import Faulty, visited
from tests.experiments.test_state_judge import KEPT

claim = ServersKeepSessions()


def test_the_product_keeps_one_row_per_login_and_none_per_refresh(fleet: Fleet) -> None:
    found = visited(fleet, claim, "rows")
    verdict = claim.judge({**KEPT, "rows": found})
    assert verdict.kind is Kind.DEPENDS
    assert [(figure.value > 200, figure.note[:13]) for figure in verdict.figures[:2]] == [
        (True, "1 row, 0 keys")
    ] * 2
    assert abs(verdict.figures[2].value) < 1


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("refresh_adds_rows", Kind.REFUTED, "1 rows or keys for each refresh"),
        ("fat_session", Kind.HOLDS, "bytes per login"),
    ],
)
def test_what_keeps_too_much_turns_the_verdict(faulty: Faulty, fault: str, kind: Kind, said: str) -> None:
    verdict = claim.judge({**KEPT, "rows": visited(faulty(fault), claim, "rows")})
    assert (verdict.kind, said in verdict.because) == (kind, True)
