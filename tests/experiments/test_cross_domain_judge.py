"""The cross-domain judge on requests made by hand: every verdict, and what must not become one."""

from collections.abc import Callable
from typing import Any

import pytest

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.crossing import Crossing, Origin
from authcompare.experiments.claims.cross_domain import (
    HEADER,
    LAX,
    NONE,
    TO_ANYBODY,
    VARIANT,
    WITHOUT,
    CrossDomain,
)
from authcompare.experiments.verdict import Kind
from tests.experiments.browsed import changed, crossed


def at(origin: str, policy: str = ThirdParty.ALLOWED) -> Callable[[Crossing], bool]:
    return lambda one: (one.origin, one.third_party, one.variant != WITHOUT) == (origin, policy, True)


def test_the_relation_and_the_browser_decide() -> None:
    verdict = CrossDomain().judge(crossed())
    assert verdict.kind is Kind.DEPENDS
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C27": Kind.DEPENDS,
        "C47": Kind.DEPENDS,
    }
    figures = {one.name: one.text for one in verdict.figures}
    assert figures[f"{NONE}: another site, third-party cookies allowed"] == "1 of 1 worked"
    assert figures[f"{NONE}: another site, third-party cookies blocked"] == "0 of 1 worked"
    assert figures["preflights per first request with a header"] == "1"
    assert "Chromium 1.2.3" in verdict.doubts[0]
    assert verdict.rule.endswith(f"no cookie comes along ({NONE}: not read; {HEADER}: read).")


def test_a_quick_run_decides_the_same_and_gives_no_figure_of_what_it_did_not_try() -> None:
    verdict, in_full = CrossDomain().judge(crossed(quick=True)), CrossDomain().judge(crossed())
    assert (verdict.kind, "says * instead" in verdict.doubts[-1]) == (in_full.kind, True)
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        name: one.kind for name, one in in_full.decisions.items()
    }
    missing = {one.name for one in in_full.figures} - {one.name for one in verdict.figures}
    assert missing == {
        f"{LAX}: another site, third-party cookies blocked",
        f"{HEADER}: another site, third-party cookies allowed",
    }
    assert all(one.n for one in verdict.figures)


@pytest.mark.parametrize(
    ("arm", "which", "change", "because"),
    [
        (
            NONE,
            at(Origin.STRANGER),
            {"readable": True},
            "does not name, third-party cookies allowed: readable",
        ),
        (HEADER, at(Origin.SITE), {"readable": False, "methods": ("OPTIONS",)}, "not readable (OPTIONS)"),
        (HEADER, at(Origin.STRANGER), {"carried": True}, "to a server that had granted nothing"),
        (LAX, at(Origin.SITE), {"carried": True}, "the cookie was sent"),
        (
            LAX,
            at(Origin.SIBLING, ThirdParty.BLOCKED),
            {"carried": False, "readable": False},
            "not readable (GET)",
        ),
        (NONE, at(Origin.SITE, ThirdParty.BLOCKED), {"carried": True}, "the cookie was sent"),
        (NONE, lambda one: one.variant == TO_ANYBODY[NONE], {"readable": True}, "allowed: readable"),
        (HEADER, lambda one: one.variant == TO_ANYBODY[HEADER], {"readable": False}, "allowed: not readable"),
    ],
)
def test_what_goes_against_the_rule_refutes(
    arm: str, which: Callable[[Crossing], bool], change: dict[str, Any], because: str
) -> None:
    verdict = CrossDomain().judge(changed(crossed(), arm, which, **change))
    assert (verdict.kind, verdict.decisions) == (Kind.REFUTED, {})
    assert because in verdict.because


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"control": False}, "the browser does not do as its profile says"),
        ({"accepted": False}, "the first-party request was not accepted"),
        ({"methods": (), "status": 0, "readable": False}, "nothing arrived at the server"),
        ({"status": 500, "readable": False}, "answered 500"),
        ({"status": 429, "readable": False}, "answered 429"),
    ],
)
@pytest.mark.parametrize("arm", VARIANT)
def test_a_request_that_proves_nothing_is_broken(arm: str, change: dict[str, Any], because: str) -> None:
    verdict = CrossDomain().judge(changed(crossed(), arm, at(Origin.SITE), **change))
    assert verdict.kind is Kind.BROKEN
    assert because in verdict.because


def test_a_profile_that_blocks_nothing_is_broken() -> None:
    blocked = at(Origin.SITE, ThirdParty.BLOCKED)
    assert CrossDomain().judge(changed(crossed(), NONE, blocked, control=True)).kind is Kind.BROKEN


@pytest.mark.parametrize("arm", VARIANT)
def test_what_was_not_tried_is_broken(arm: str) -> None:
    assert CrossDomain().judge({**crossed(), arm: []}).because == f"Not visited: {arm}."
    fewer = [one for one in crossed()[arm] if one.origin != Origin.PORT]
    assert "Not every origin" in CrossDomain().judge({**crossed(), arm: fewer}).because
