"""The row on scalability: every verdict it can give, from canned shares."""

from dataclasses import replace

import pytest

from authcompare.experiments.claims.scalability import (
    ALL_UP,
    CHECKED,
    KILLED,
    MEMORY,
    NEW_KEYS,
    OLD_KEYS,
    PHASES,
    SHARED,
    UNCHECKED,
    SessionsAreHardToScale,
)
from authcompare.experiments.scenes.balancing import Share
from authcompare.experiments.verdict import Kind, Verdict

EVERYWHERE, HOME_ONLY = ((100, 100, 100), (0, 0, 0)), ((100, 0, 0), (0, 100, 100))
Place = tuple[str, str]


def share(place: Place, accepted: tuple[int, ...], refused: tuple[int, ...]) -> Share:
    gone = (100, 0, 0) if place[1] == KILLED else (0, 0, 0)
    return Share(*place, accepted, refused, gone, "")


def shares() -> dict[Place, Share]:
    """As the product does."""
    found = {}
    for name, phases in PHASES.items():
        for phase in phases:
            counts = EVERYWHERE
            if phase == KILLED:
                counts = ((0, 200, 100), (0, 0, 0)) if name != MEMORY else ((0, 0, 0), (0, 200, 100))
            elif name == MEMORY:
                counts = HOME_ONLY
            elif phase == OLD_KEYS:
                counts = ((100, 100, 0), (0, 0, 100))
            found[name, phase] = share((name, phase), *counts)
    return found


def judged(place: Place, **changed: object) -> Verdict:
    """The verdict where one share came out otherwise."""
    found = shares()
    found[place] = replace(found[place], **changed)  # type: ignore[arg-type]
    return SessionsAreHardToScale().judge({"arm": list(found.values())})


def test_it_depends_on_where_sessions_live() -> None:
    verdict = SessionsAreHardToScale().judge({"arm": list(shares().values())})
    assert verdict.kind is Kind.DEPENDS
    assert "sessions in each process's memory: 100 of 300" in verdict.because
    assert "sessions are accepted everywhere (300 of 300)" in verdict.rule
    assert "refuses tokens, too (200 of 300)" in verdict.rule
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C10": Kind.DEPENDS,
        "C11": Kind.HOLDS,
        "C26": Kind.DEPENDS,
        "C42": Kind.DEPENDS,
    }
    assert "(in memory 0 of 300)" in verdict.decisions["C11"].because
    assert set(verdict.decisions) == set(SessionsAreHardToScale.decides)


def test_every_share_is_a_figure_that_says_who_answered() -> None:
    figures = {
        figure.name: figure
        for figure in SessionsAreHardToScale().judge({"a": list(shares().values())}).figures
    }
    killed = figures[f"{SHARED}, {KILLED}: accepted"]
    assert (killed.text, killed.n) == ("300 of 300", 300)
    assert "0, 200, 100; 100 went on to the next instance" in killed.note


def test_memory_that_is_shared_after_all_refutes() -> None:
    accepted, refused = EVERYWHERE
    verdict = judged((MEMORY, ALL_UP), accepted=accepted, refused=refused)
    assert (verdict.kind, "accepted everywhere" in verdict.because) == (Kind.REFUTED, True)


@pytest.mark.parametrize("place", [(UNCHECKED, ALL_UP), (CHECKED, ALL_UP), (UNCHECKED, NEW_KEYS)])
def test_tokens_refused_by_an_instance_refute(place: Place) -> None:
    accepted, refused = HOME_ONLY
    verdict = judged(place, accepted=accepted, refused=refused)
    assert (verdict.kind, "refused by an instance (100 of 300)" in verdict.because) == (Kind.REFUTED, True)


def test_tokens_refused_once_the_instance_of_their_login_is_gone_refute() -> None:
    verdict = judged((CHECKED, KILLED), accepted=(0, 0, 0), refused=(0, 200, 100))
    assert (verdict.kind, f"{CHECKED}, {KILLED}: refused" in verdict.because) == (Kind.REFUTED, True)


def test_a_shared_store_that_is_not_shared_holds() -> None:
    accepted, refused = HOME_ONLY
    assert judged((SHARED, ALL_UP), accepted=accepted, refused=refused).kind is Kind.HOLDS


def test_a_shared_store_that_goes_with_the_instance_of_the_login_holds() -> None:
    verdict = judged((SHARED, KILLED), accepted=(0, 0, 0), refused=(0, 200, 100))
    assert (verdict.kind, f"0 of 300, {KILLED}" in verdict.because) == (Kind.HOLDS, True)


def test_an_instance_that_accepts_what_it_has_no_key_for_is_broken() -> None:
    accepted, refused = EVERYWHERE
    verdict = judged((UNCHECKED, OLD_KEYS), accepted=accepted, refused=refused)
    assert (verdict.kind, "it has the key, or verifies nothing" in verdict.because) == (Kind.BROKEN, True)


def test_a_connection_that_stays_with_one_instance_is_broken() -> None:
    verdict = judged((MEMORY, ALL_UP), accepted=(300, 0, 0), refused=(0, 0, 0))
    assert (verdict.kind, "no strict turn" in verdict.because) == (Kind.BROKEN, True)


def test_a_refused_connection_is_no_refused_login() -> None:
    assert judged((SHARED, ALL_UP), unreachable=(5, 0, 0)).kind is Kind.BROKEN


def test_an_instance_that_outlives_its_killing_is_broken() -> None:
    verdict = judged((SHARED, KILLED), accepted=(1, 199, 100))
    assert (verdict.kind, "went on answering" in verdict.because) == (Kind.BROKEN, True)


def test_errors_are_no_refusals() -> None:
    verdict = judged((UNCHECKED, OLD_KEYS), odd="instance 2: 500")
    assert (
        verdict.because
        == f"{UNCHECKED}, {OLD_KEYS}: instance 2: 500, which is neither acceptance nor refusal."
    )
    assert verdict.kind is Kind.BROKEN


def test_too_few_answers_are_broken() -> None:
    assert judged((SHARED, ALL_UP), accepted=(50, 50, 50)).kind is Kind.BROKEN
    assert SessionsAreHardToScale().judge({}).kind is Kind.BROKEN
