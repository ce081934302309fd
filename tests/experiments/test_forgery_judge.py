"""The forgery judge on requests made by hand: every verdict it can give, and what must not become one."""

from collections.abc import Callable
from typing import Any

import pytest

from authcompare.experiments.browsing.forging import Forged, Relation, Shape, Target
from authcompare.experiments.browsing.replacing import Tossed, Whose
from authcompare.experiments.browsing.variants import TOKEN_PLAIN
from authcompare.experiments.claims.forgery import (
    ARMS,
    AS_IT_IS,
    HEADER,
    OFF,
    PLAIN,
    SESSION,
    TOKEN_COOKIE,
    UNSAID,
    Forgery,
    plan,
)
from authcompare.experiments.verdict import Kind
from tests.experiments.browsed import changed, forged

LANDED = {"landed": True, "stopped_by": ""}


def of(variant: str, relation: str = Relation.SIBLING, target: str = Target.NOTE) -> Callable[[Any], bool]:
    wanted = (variant, relation, target)
    return lambda one: isinstance(one, Forged) and (one.variant, one.relation, one.target) == wanted


def unsaid(shape: Shape) -> Callable[[Any], bool]:
    return lambda one: isinstance(one, Forged) and (one.variant, one.shape) == (UNSAID, shape)


def toss(variant: str) -> Callable[[Any], bool]:
    return lambda one: isinstance(one, Tossed) and one.variant == variant


def test_the_transport_decides_and_each_layer_is_named() -> None:
    verdict = Forgery().judge(forged())
    assert (verdict.kind, verdict.decisions) == (Kind.DEPENDS, {})
    figures = {one.name: one for one in verdict.figures}
    assert figures["samesite alone, from a sibling subdomain"].text == "2 of 2 landed"
    assert figures["samesite alone, from another site"].note == "stopped by: samesite"
    assert figures["cookies of either scheme, product as it is"].value == 0
    assert (
        "SameSite stops a POST from another site but lets one from a sibling subdomain through."
        in verdict.rule
    )


@pytest.mark.parametrize("quick", [True, False])
def test_what_a_layer_is_said_to_stop_lands_with_every_layer_off(quick: bool) -> None:
    for arm in (SESSION, TOKEN_COOKIE):
        tried = [(one.variant, (one.target, one.relation, one.shape)) for one in plan(arm, quick)]
        in_the_product, off = ({how for name, how in tried if name == variant} for variant in (AS_IT_IS, OFF))
        assert in_the_product == off


def test_a_quick_run_tries_each_layer_alone_from_everywhere_and_says_with_which_cookie() -> None:
    verdict, in_full = Forgery().judge(forged(quick=True)), Forgery().judge(forged())
    assert (verdict.kind, verdict.doubts[-1]) == (
        Kind.DEPENDS,
        "This run tried a layer alone with a session cookie only; with a token cookie, all or none.",
    )
    assert verdict.doubts[:-1] == in_full.doubts
    assert {one.n for one in verdict.figures if " alone, from " in one.name} == {1}
    assert {one.n for one in in_full.figures if " alone, from " in one.name} == {2}


def test_a_cookie_without_samesite_goes_along_with_a_form_and_with_no_fetch() -> None:
    verdict = Forgery().judge(forged())
    figures = {one.name: one for one in verdict.figures}
    assert figures["young cookie without SameSite, a form from another site"].text == "2 of 2 landed"
    fetch = figures["young cookie without SameSite, a fetch from another site"]
    assert (fetch.text, fetch.note) == ("0 of 2 landed", "stopped by: samesite")
    assert any("older ones for Lax was not tried" in doubt for doubt in verdict.doubts)


@pytest.mark.parametrize(
    ("shape", "how", "words"),
    [
        (Shape.FORM, {"landed": False, "stopped_by": "samesite"}, "1 of 2 forms of another site landed"),
        (Shape.SIMPLE, LANDED, "and 1 of 2 fetches"),
    ],
)
def test_a_browser_with_another_default_changes_the_rule(
    shape: Shape, how: dict[str, Any], words: str
) -> None:
    verdict = Forgery().judge(changed(forged(), SESSION, unsaid(shape), **how))
    assert (verdict.kind, words in verdict.rule) == (Kind.DEPENDS, True)


def test_a_csrf_token_stops_a_sibling_only_where_none_can_plant_its_cookie() -> None:
    verdict = Forgery().judge(forged())
    figures = {one.name: one for one in verdict.figures}
    assert figures["token with a plain cookie name alone, from a sibling subdomain"].text == "2 of 2 landed"
    assert figures["token with a plain cookie name alone, from another site"].note == "stopped by: token"
    assert "plants that cookie and sends the field to match (2 of 2 landed, 0 of 2 under" in verdict.rule


def test_a_server_that_keeps_to_its_own_csrf_cookie_changes_the_rule() -> None:
    samples = forged()
    for arm in (SESSION, TOKEN_COOKIE):
        samples = changed(samples, arm, of(TOKEN_PLAIN), landed=False, stopped_by="token")
    verdict = Forgery().judge(samples)
    assert verdict.kind is Kind.DEPENDS
    assert "So does the CSRF token, even if a sibling plants its own under a plain name (0 of" in verdict.rule


def test_a_sibling_replaces_the_login_under_a_plain_name_only() -> None:
    verdict = Forgery().judge(forged())
    plain, prefixed = verdict.figures[-2:]
    assert (plain.text, plain.note) == ("1 of 1", "2 called sessionid came")
    assert (prefixed.text, prefixed.note) == ("0 of 1", "1 called __Host-sessionid came")
    assert verdict.rule.endswith("which `__Host-` stops.")


def test_a_server_that_keeps_to_the_victims_cookie_changes_the_rule() -> None:
    verdict = Forgery().judge(changed(forged(), SESSION, toss(PLAIN), after=Whose.VICTIM))
    assert verdict.kind is Kind.DEPENDS
    assert verdict.rule.endswith("A login that a sibling put beside the victim's did not count.")


@pytest.mark.parametrize("after", [Whose.ATTACKER, Whose.NOBODY])
def test_a_sibling_that_replaces_the_products_own_cookie_refutes(after: Whose) -> None:
    verdict = Forgery().judge(changed(forged(), SESSION, toss(AS_IT_IS), copies=2, after=after))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.endswith(f"a sibling's cookie called __Host-sessionid made {after} of the victim.")


@pytest.mark.parametrize(
    ("variant", "how", "because"),
    [
        (PLAIN, {"before": Whose.NOBODY}, "there was none to replace"),
        (AS_IT_IS, {"before": Whose.ATTACKER}, "there was none to replace"),
        (AS_IT_IS, {"control": False}, "no other cookie of the sibling's came either"),
        (PLAIN, {"copies": 1, "after": Whose.VICTIM}, "positive control, and yet 1 of that name came"),
        (PLAIN, {"after": Whose.NOBODY}, "it stood for nobody"),
    ],
)
def test_a_toss_that_proves_nothing_is_broken(variant: str, how: dict[str, Any], because: str) -> None:
    verdict = Forgery().judge(changed(forged(), SESSION, toss(variant), **how))
    assert (verdict.kind, because in verdict.because) == (Kind.BROKEN, True)


def test_a_name_that_no_sibling_tried_is_broken() -> None:
    samples = forged()
    samples[SESSION] = [one for one in samples[SESSION] if not toss(PLAIN)(one)]
    assert Forgery().judge(samples).because == "A sibling did not toss a cookie under each name."


def test_a_samesite_that_stops_siblings_too_changes_the_rule() -> None:
    samples = forged()
    for arm in (SESSION, TOKEN_COOKIE):
        samples = changed(samples, arm, of("only-samesite"), landed=False, stopped_by="samesite")
    assert "SameSite stops a POST from another site and one from a sibling." in Forgery().judge(samples).rule


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
        (SESSION, of(TOKEN_PLAIN, Relation.SITE), "landed where token with a plain cookie name alone was"),
        (TOKEN_COOKIE, of("only-samesite", Relation.SITE), "landed where samesite alone was in force"),
    ],
)
def test_a_forged_request_that_lands_where_it_should_not_refutes(
    arm: str, which: Callable[[Any], bool], because: str
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
        (of(AS_IT_IS), {"stopped_by": "preflight"}, "preflight is no layer's doing"),
        (
            of(AS_IT_IS),
            {"stopped_by": "no credential was sent"},
            "no credential was sent is no layer's doing",
        ),
        (of("only-token"), {"planted": False}, "no other cookie of the sibling's came either"),
        (of(TOKEN_PLAIN), {"planted": False}, "no other cookie of the sibling's came either"),
        (of("only-token"), {"stopped_by": "json"}, "stopped by json, which is not the layer in force"),
        (unsaid(Shape.SIMPLE), {"stopped_by": "json"}, "stopped by json, which is not the layer in force"),
    ],
)
def test_a_request_that_proves_nothing_is_broken(
    which: Callable[[Any], bool], change: dict[str, Any], because: str
) -> None:
    verdict = Forgery().judge(changed(forged(), SESSION, which, **change))
    assert verdict.kind is Kind.BROKEN
    assert because in verdict.because


@pytest.mark.parametrize("arm", ARMS)
def test_an_arm_that_was_not_visited_is_broken(arm: str) -> None:
    assert Forgery().judge({**forged(), arm: []}).because == f"Not visited: {arm}."
