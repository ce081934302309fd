"""The storage judge on readings made by hand: every verdict it can give, and what must not become one."""

from typing import Any

import pytest

from authcompare.experiments.browsing.replacing import Whose
from authcompare.experiments.claims.storage import (
    EXPOSED,
    HTTPONLY,
    MEMORY,
    MEMORY_EARLY,
    PLACES,
    WRITTEN_OVER,
    Storage,
)
from authcompare.experiments.verdict import Kind
from tests.experiments.browsed import changed, read


def test_the_place_decides() -> None:
    verdict = Storage().judge(read())
    assert verdict.kind is Kind.DEPENDS
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C19": Kind.DEPENDS,
        "C21": Kind.DEPENDS,
        "C41": Kind.REFUTED,
    }
    assert "header (2 of 2 requests accepted)" in verdict.decisions["C21"].because
    assert "read at once in 3 of 3 such places" in verdict.decisions["C19"].because
    assert "Each of the 6 places where a token was kept" in verdict.decisions["C19"].because
    figures = {one.name: one.text for one in verdict.figures}
    assert figures["a script that looks has it"] == "4 of 8 places"
    assert figures["a script that listens to the answer to the next renewal has it"] == "5 of 8 places"
    assert figures["no script had it"] == "2 of 8 places"


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


@pytest.mark.parametrize("place", HTTPONLY)
def test_what_the_server_tells_of_a_login_must_not_open_it(place: str) -> None:
    verdict = Storage().judge(changed(read(), place, listed=("session",)))
    assert (verdict.kind, "what the server tells of the login" in verdict.because) == (Kind.REFUTED, True)


@pytest.mark.parametrize("place", HTTPONLY)
def test_what_a_renewal_tells_the_page_refutes(place: str) -> None:
    verdict = Storage().judge(changed(read(), place, answered=("access token",)))
    assert verdict.because == f"{place}: overheard in the answer to its next renewal."
    assert verdict.kind is Kind.REFUTED


def test_memory_is_said_to_be_heard_where_it_was() -> None:
    request, answer = "in the page's next request", "in the answer to its next renewal"
    verdict = Storage().judge(read())
    assert f"from memory, heard {request} and {answer}." in verdict.because
    assert f"{request} and {answer}; where the page has kept its own fetch, {answer}." in verdict.rule


def test_memory_that_nobody_hears_is_said_to_be_so() -> None:
    samples = changed(read(), MEMORY_EARLY, answered=())
    verdict = Storage().judge(changed(samples, MEMORY, listened=(), answered=()))
    assert "from memory, heard nowhere." in verdict.because
    assert "heard it nowhere; where the page has kept its own fetch, nowhere." in verdict.rule


def test_what_no_script_reads_a_script_still_replaces() -> None:
    verdict = Storage().judge(read())
    out, replaced = verdict.figures[-2:]
    assert (out.text, replaced.text) == ("2 of 2", "2 of 2")
    assert out.note == "thrown out: __Host-csrftoken, __Host-sessionid, csrftoken, sessionid"
    assert replaced.note == "set by the script: __Host-sessionid, sessionid; not: __Host-Http-sessionid"
    assert verdict.rule.endswith("and set its own, even under `__Host-`.")


STAYS = {"lost": (), "emptied": Whose.VICTIM, "taken": (), "after": Whose.VICTIM}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (STAYS, "threw an HttpOnly cookie out in 0 of 2, and the script's own replaced it in 0 of 2."),
        (
            {"taken": (), "after": Whose.NOBODY},
            "threw an HttpOnly cookie out in 2 of 2, and the script's own replaced it in 0 of 2.",
        ),
    ],
)
def test_a_browser_that_lets_no_script_replace_it_changes_the_rule(how: dict[str, Any], words: str) -> None:
    verdict = Storage().judge(changed(read(), WRITTEN_OVER, **how))
    assert verdict.kind is Kind.DEPENDS
    assert verdict.because.endswith(words)
    assert verdict.rule.endswith("did not get its own in the place of a cookie that it cannot read.")


def test_a_script_that_writes_over_an_httponly_cookie_refutes() -> None:
    verdict = Storage().judge(changed(read(), WRITTEN_OVER, overwritten=Whose.ATTACKER))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.endswith("while it was there, and made the attacker of the victim.")


@pytest.mark.parametrize(
    ("how", "because"),
    [
        ({"before": Whose.NOBODY}, "there was none to replace"),
        ({"junk": 0}, "no junk cookie came to the server"),
        ({"emptied": Whose.VICTIM}, "2 cookies were lost, and it was the victim's"),
        ({"lost": ()}, "0 cookies were lost, and it was nobody's"),
        ({"after": Whose.NOBODY}, "the script's own login stood for nobody"),
    ],
)
def test_writing_that_proves_nothing_is_broken(how: dict[str, Any], because: str) -> None:
    verdict = Storage().judge(changed(read(), WRITTEN_OVER, **how))
    assert (verdict.kind, because in verdict.because) == (Kind.BROKEN, True)


@pytest.mark.parametrize(
    ("place", "change", "because"),
    [
        (HTTPONLY[0], {"accepted": (False, True)}, "nothing was there to be read"),
        (HTTPONLY[0], {"accepted": (True, False)}, "nothing was there to be read"),
        (HTTPONLY[0], {"canaries": (False, True, True)}, "the reader does not read"),
        (MEMORY_EARLY, {"canaries": (True, False, True)}, "the reader does not read"),
        (MEMORY_EARLY, {"canaries": (True, True, False)}, "the reader does not read"),
        (HTTPONLY[0], {"jar": ()}, "what the browser's jar holds let nobody in"),
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


@pytest.mark.parametrize("place", [*PLACES, WRITTEN_OVER])
def test_a_place_that_was_not_visited_is_broken(place: str) -> None:
    verdict = Storage().judge({**read(), place: []})
    assert (verdict.kind, verdict.because) == (Kind.BROKEN, f"Not visited: {place}.")
