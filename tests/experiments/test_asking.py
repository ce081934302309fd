"""To which phase of an outage an answer belongs, and what that excuses."""

import pytest

from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.exchanges.wire import Answer
from authcompare.experiments.scenes.aftermath import FROZEN, KILLED, MEANWHILE
from authcompare.experiments.scenes.asking import AFTER, AWAY, BEFORE, UNDER_WAY, Caller, Heard, Times
from authcompare.experiments.scenes.drills import Drill
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.test_outage_judge import judged

A = Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("began", "took", "phase"),
    [
        (0.5, 0.4, BEFORE),
        (0.5, 0.6, UNDER_WAY),
        (1.1, 0.3, UNDER_WAY),
        (0.5, 2.6, AWAY),
        (1.2, 0.1, AWAY),
        (2.9, 0.5, AWAY),
        (3.0, 0.1, UNDER_WAY),
        (3.5, 0.1, AFTER),
    ],
)
def test_an_answer_belongs_to_the_absence_if_it_cannot_have_met_the_store(
    began: float, took: float, phase: str
) -> None:
    times = Times(start=0.0, going=1.0, gone=1.2, coming=3.0, back=3.5, over=5.0)
    assert times.phase(Heard(began, took, A, "200")) == phase


def let_in(one: Drill, after: float) -> Verdict:
    """A login ended meanwhile asked half-way through the absence and was let in so many seconds later."""
    who = Caller(MEANWHILE[0], "session", 0.1, lambda note: Answer(), heard=[Heard(1.6, after, A, "200")])
    (found,) = who.felt(one.name, Times(start=0.0, going=1.0, gone=1.0, coming=2.2, back=2.2, over=5.0))
    return judged(one, **vars(found))


def test_who_is_answered_after_the_thaw_may_be_let_in_by_what_redis_still_held() -> None:
    excused, earlier, empty = let_in(FROZEN, 0.7), let_in(FROZEN, 0.5), let_in(KILLED, 0.7)
    assert [one.kind for one in (excused, earlier, empty)] == [Kind.DEPENDS, Kind.REFUTED, Kind.REFUTED]
