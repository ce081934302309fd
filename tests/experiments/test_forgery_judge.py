"""The forgery judge on requests made by hand: every verdict it can give, and what must not become one."""

from collections.abc import Callable
from typing import Any

import pytest

from authcompare.experiments.browsing.forging import Arrived, Forged, Relation, Target, reason_of
from authcompare.experiments.browsing.scene import SESSION_COOKIE
from authcompare.experiments.claims.forgery import ARMS, AS_IT_IS, HEADER, OFF, SESSION, TOKEN_COOKIE, Forgery
from authcompare.experiments.verdict import Kind
from tests.experiments.browsed import changed, forged

LANDED = {"landed": True, "stopped_by": ""}
ORIGIN_REASON = "CSRF check failed: Origin checking failed - https://evil.test does not match any trusted."


def of(variant: str, relation: str = Relation.SIBLING, target: str = Target.NOTE) -> Callable[[Forged], bool]:
    return lambda one: (one.variant, one.relation, one.target) == (variant, relation, target)


def test_the_transport_decides_and_each_layer_is_named() -> None:
    verdict = Forgery().judge(forged())
    assert (verdict.kind, verdict.decisions) == (Kind.DEPENDS, {})
    figures = {one.name: one for one in verdict.figures}
    assert figures["samesite alone, from a sibling subdomain"].text == "2 of 2 landed"
    assert figures["samesite alone, from another site"].note == "stopped by: samesite"
    assert figures["cookies of either scheme, product as it is"].value == 0
    assert verdict.rule.endswith("SameSite stops another site but lets a sibling subdomain through.")


def test_a_samesite_that_stops_siblings_too_changes_the_rule() -> None:
    samples = forged()
    for arm in (SESSION, TOKEN_COOKIE):
        samples = changed(samples, arm, of("only-samesite"), landed=False, stopped_by="samesite")
    assert Forgery().judge(samples).rule.endswith("SameSite stops another site and siblings.")


@pytest.mark.parametrize(
    ("arm", "which", "because"),
    [
        (SESSION, of(AS_IT_IS), "landed with every layer of the product in force"),
        (
            TOKEN_COOKIE,
            of(AS_IT_IS, target=Target.REFRESH),
            "landed with every layer of the product in force",
        ),
        (SESSION, of(AS_IT_IS, target=Target.LOGIN), "landed with every layer of the product in force"),
        (HEADER, of(OFF), "the browser sends no header by itself"),
        (SESSION, of("only-token"), "landed where token alone was in force"),
        (TOKEN_COOKIE, of("only-samesite", Relation.SITE), "landed where samesite alone was in force"),
    ],
)
def test_a_forged_request_that_lands_where_it_should_not_refutes(
    arm: str, which: Callable[[Forged], bool], because: str
) -> None:
    verdict = Forgery().judge(changed(forged(), arm, which, **LANDED))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.startswith(arm)
    assert because in verdict.because


@pytest.mark.parametrize(
    ("which", "change", "because"),
    [
        (of(OFF), {"landed": False, "stopped_by": "answered 500"}, "positive control with every layer off"),
        (of(AS_IT_IS), {"accepted": False}, "there was nothing to abuse"),
        (of(AS_IT_IS), {"stopped_by": "answered 500"}, "answered 500 is no layer's doing"),
        (of(AS_IT_IS), {"stopped_by": "nothing arrived"}, "nothing arrived is no layer's doing"),
        (of("only-token"), {"stopped_by": "json"}, "stopped by json, which is not the layer in force"),
    ],
)
def test_a_request_that_proves_nothing_is_broken(
    which: Callable[[Forged], bool], change: dict[str, Any], because: str
) -> None:
    verdict = Forgery().judge(changed(forged(), SESSION, which, **change))
    assert verdict.kind is Kind.BROKEN
    assert because in verdict.because


@pytest.mark.parametrize("arm", ARMS)
def test_an_arm_that_was_not_visited_is_broken(arm: str) -> None:
    assert Forgery().judge({**forged(), arm: []}).because == f"Not visited: {arm}."


def arrived(method: str, status: int, said: str = "", *cookies: str) -> Arrived:
    return Arrived(
        method, "/sessions/notes/", cookies, False, "https://evil.test", "cross-site", status, said, ()
    )


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ([], "nothing arrived"),
        ([arrived("OPTIONS", 200)], "preflight"),
        ([arrived("POST", 401)], "samesite"),
        ([arrived("POST", 401, "", SESSION_COOKIE)], "answered 401"),
        ([arrived("POST", 403, ORIGIN_REASON)], "origin"),
        ([arrived("POST", 403, "CSRF check failed: CSRF token missing.")], "token"),
        ([arrived("POST", 403, "CSRF check failed: Sec-Fetch-Site")], "fetch-site"),
        ([arrived("POST", 403, "You may not do this.", SESSION_COOKIE)], "answered 403"),
        ([arrived("POST", 415, "", SESSION_COOKIE)], "json"),
        ([arrived("POST", 500, "", SESSION_COOKIE)], "answered 500"),
        ([arrived("POST", 429)], "answered 429"),
    ],
)
def test_the_layer_is_named_by_what_was_sent_and_said(seen: list[Arrived], reason: str) -> None:
    assert reason_of(seen, {SESSION_COOKIE}) == reason


def test_without_a_cookie_of_its_own_nothing_was_kept_back() -> None:
    assert reason_of([arrived("POST", 401, "", SESSION_COOKIE)], set()) == "no credential was sent"
