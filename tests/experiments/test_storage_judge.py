"""The storage judge on readings made by hand: every verdict it can give, and what must not become one."""

from typing import Any

import pytest

from authcompare.experiments.claims.storage import EXPOSED, HTTPONLY, MEMORY, MEMORY_EARLY, PLACES, Storage
from authcompare.experiments.verdict import Kind
from tests.experiments.browsed import changed, read


def test_the_place_decides() -> None:
    verdict = Storage().judge(read())
    assert verdict.kind is Kind.DEPENDS
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C19": Kind.DEPENDS,
        "C21": Kind.REFUTED,
        "C41": Kind.REFUTED,
    }
    figures = {one.name: one.text for one in verdict.figures}
    assert figures["a script that looks has it"] == "4 of 8 places"
    assert figures["no script had it"] == "3 of 8 places"


@pytest.mark.parametrize("place", [*HTTPONLY, MEMORY, MEMORY_EARLY])
def test_what_is_read_where_nothing_should_be_readable_refutes(place: str) -> None:
    verdict = Storage().judge(changed(read(), place, looked=("session",), seen_in=("DOM",)))
    assert (verdict.kind, verdict.decisions) == (Kind.REFUTED, {})
    assert verdict.because == f"{place}: read in DOM, and a stranger was let in with it."


def test_a_renewal_that_answers_with_a_token_refutes() -> None:
    verdict = Storage().judge(changed(read(), HTTPONLY[1], renewal=200, asked=("access token",)))
    assert verdict.kind is Kind.REFUTED
    assert "a renewal that the browser proved by itself" in verdict.because


@pytest.mark.parametrize("place", [*HTTPONLY, MEMORY_EARLY])
def test_what_is_overheard_where_nothing_passes_by_refutes(place: str) -> None:
    assert Storage().judge(changed(read(), place, listened=("session",))).kind is Kind.REFUTED


def test_memory_that_nobody_overhears_is_said_to_be_so() -> None:
    verdict = Storage().judge(changed(read(), MEMORY, listened=()))
    assert verdict.because.endswith("in memory not overheard.")


@pytest.mark.parametrize(
    ("place", "change", "because"),
    [
        (HTTPONLY[0], {"accepted": (False, True)}, "nothing was there to be read"),
        (HTTPONLY[0], {"accepted": (True, False)}, "nothing was there to be read"),
        (HTTPONLY[0], {"canaries": (False, True)}, "the reader does not read"),
        (MEMORY_EARLY, {"canaries": (True, False)}, "the reader does not read"),
        (HTTPONLY[1], {"renewal": 500}, "answered 500"),
        (HTTPONLY[1], {"renewal": 429}, "answered 429"),
        (EXPOSED[2], {"looked": ()}, "positive control"),
    ],
)
def test_a_reading_that_proves_nothing_is_broken(place: str, change: dict[str, Any], because: str) -> None:
    verdict = Storage().judge(changed(read(), place, **change))
    assert verdict.kind is Kind.BROKEN
    assert verdict.because.startswith(f"{place}: ")
    assert because in verdict.because


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_was_not_visited_is_broken(place: str) -> None:
    verdict = Storage().judge({**read(), place: []})
    assert (verdict.kind, verdict.because) == (Kind.BROKEN, f"Not visited: {place}.")
