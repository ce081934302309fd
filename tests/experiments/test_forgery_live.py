"""Forged requests and planted cookies in a real browser: what a fault lets through has to show."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.browsing.forging import Attempt, Relation, Shape, Target, forge
from authcompare.experiments.browsing.outsider import Outsider
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.replacing import toss
from authcompare.experiments.browsing.variants import TOKEN_PLAIN
from authcompare.experiments.claims import forgery
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.verdict import Kind
from tests.experiments import browsed
from tests.experiments.browsed import scene, with_one

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]


def test_the_product_as_it_is_lets_no_forged_request_through(victim: Site) -> None:
    attempts = [Attempt("product", Target.NOTE, relation) for relation in Relation]
    attempts += [Attempt("product", target, Relation.SIBLING) for target in (Target.PAGE, Target.LOGOUT)]
    found = forge(victim, Place.SESSION, attempts, Transcript())
    assert [one.stopped_by for one in found] == ["samesite", "origin", "origin", "origin"]


@pytest.mark.parametrize(
    ("fault", "arm", "attempt"),
    [
        ("csrf_exempt", forgery.SESSION, Attempt("product", Target.PAGE, Relation.SITE)),
        ("csrf_exempt", forgery.SESSION, Attempt("product", Target.LOGIN, Relation.SIBLING)),
        ("refresh_without_csrf", forgery.TOKEN_COOKIE, Attempt("product", Target.REFRESH, Relation.SIBLING)),
        ("refresh_without_csrf", forgery.TOKEN_COOKIE, Attempt("product", Target.LOGOUT, Relation.SIBLING)),
        ("cookie_on_bearer_mount", forgery.HEADER, Attempt("no-layer", Target.NOTE, Relation.SITE)),
        ("samesite_unsaid", forgery.SESSION, Attempt("only-samesite", Target.NOTE, Relation.SITE)),
        ("csrf_name_plain", forgery.SESSION, Attempt("only-token", Target.NOTE, Relation.SIBLING)),
    ],
)
def test_a_door_left_open_turns_request_forgery(
    faulty_victim: Callable[[str], Site], fault: str, arm: str, attempt: Attempt
) -> None:
    found = forge(faulty_victim(fault), forgery.ARMS[arm], [attempt], Transcript())
    verdict = forgery.Forgery().judge(with_one(browsed.forged(), arm, found))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.startswith(f"{arm}: {attempt.target} from {attempt.relation}")


def test_a_login_that_the_browser_lost_meanwhile_is_no_credit_to_samesite(
    faulty_victim: Callable[[str], Site],
) -> None:
    attempts = [Attempt("only-samesite", Target.NOTE, relation) for relation in Relation]
    found = forge(faulty_victim("cookie_dropped"), Place.SESSION, attempts, Transcript())
    verdict = forgery.Forgery().judge(with_one(browsed.forged(), forgery.SESSION, found))
    assert verdict.kind is Kind.BROKEN
    assert "there was nothing to abuse" in verdict.because


def test_without_samesite_a_form_lands_and_a_fetch_does_not(victim: Site) -> None:
    wanted = [("no-layer", Shape.SIMPLE), ("samesite-unsaid", Shape.FORM), ("samesite-unsaid", Shape.SIMPLE)]
    attempts = [Attempt(variant, Target.NOTE, Relation.SITE, shape) for variant, shape in wanted]
    found = forge(victim, Place.SESSION, attempts, Transcript())
    assert [one.stopped_by for one in found] == ["", "", "samesite"]


def test_a_siblings_cookie_replaces_the_login_under_a_plain_name_only(victim: Site) -> None:
    scenes = [scene(victim, variant) for variant in forgery.TOSSED]
    canned = [browsed.tossed(variant) for variant in forgery.TOSSED]
    assert toss(scenes, Place.SESSION) == canned
    assert [one.after for one in toss(scenes, Place.TOKEN_COOKIE)] == [one.after for one in canned]


@pytest.mark.parametrize("variant", ["only-token", TOKEN_PLAIN])
def test_a_sibling_plants_a_csrf_token_under_a_plain_name_only(victim: Site, variant: str) -> None:
    attempts = [Attempt(variant, Target.NOTE, relation) for relation in Relation]
    found = [replace(one, said="POST 201") for one in forge(victim, Place.SESSION, attempts, Transcript())]
    assert found == [browsed.outcome(forgery.SESSION, attempt) for attempt in attempts]


def test_a_page_that_is_no_sibling_is_broken(victim: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = victim.world.outsider.origin("evil.test")
    monkeypatch.setattr(Outsider, "origin", lambda outsider, name: elsewhere)
    planting = [Attempt(TOKEN_PLAIN, Target.NOTE, Relation.SIBLING)]
    for found in (toss([scene(victim)], Place.SESSION), forge(victim, Place.SESSION, planting, Transcript())):
        verdict = forgery.Forgery().judge(with_one(browsed.forged(), forgery.SESSION, found))
        assert verdict.kind is Kind.BROKEN
        assert "no other cookie of the sibling's came" in verdict.because


def test_a_product_that_serves_plain_names_turns_request_forgery(
    faulty_victim: Callable[[str], Site],
) -> None:
    found = toss([scene(faulty_victim("plain_names"))], Place.SESSION)
    verdict = forgery.Forgery().judge(with_one(browsed.forged(), forgery.SESSION, found))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.endswith("a sibling's cookie called sessionid made the attacker of the victim.")
