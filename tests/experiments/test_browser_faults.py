"""Planted faults and look-alikes in a real browser: each has to show, and the product itself must not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.crossing import Origin, cross
from authcompare.experiments.browsing.forging import Attempt, Relation, Shape, Target, forge
from authcompare.experiments.browsing.injecting import Policy, attack
from authcompare.experiments.browsing.outsider import Outsider
from authcompare.experiments.browsing.reading import read
from authcompare.experiments.browsing.replacing import Whose, evict, toss
from authcompare.experiments.browsing.scene import Scene
from authcompare.experiments.browsing.variants import VICTIM
from authcompare.experiments.claims import cross_domain, forgery, injection, storage
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.verdict import Kind
from tests.experiments import browsed

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]
ON_THE_COOKIE, IN_MEMORY = storage.HTTPONLY[0], "memory"


@pytest.fixture(scope="module")
def victim(fleet: Fleet) -> Iterator[Site]:
    """The victim as the claims have it."""
    (site,) = fleet.start([VICTIM])
    yield site
    site.end()


@pytest.fixture
def faulty_victim(fleet: Fleet) -> Iterator[Callable[[str], Site]]:
    """The victim with a planted fault, in the same browsers."""
    started: list[Site] = []

    def start(fault: str) -> Site:
        module = f"tests.faults.victim_{fault}"
        started.extend(fleet.start([replace(VICTIM, settings={"DJANGO_SETTINGS_MODULE": module})]))
        return started[-1]

    yield start
    for site in started:
        site.end()


def scene(site: Site, variant: str = "product") -> Scene:
    return Scene(site, variant, Transcript())


def with_one(samples: browsed.Samples, arm: str, several: Sequence[Any]) -> browsed.Samples:
    """Canned samples, but for what was really found: that replaces what is said of the same thing."""
    found = {_about(one) for one in several}
    return {**samples, arm: [*several, *(one for one in samples[arm] if _about(one) not in found)]}


def _about(sample: Any) -> tuple[Any, ...]:
    names = ("policy", "variant", "target", "relation", "shape", "origin", "third_party")
    return tuple(getattr(sample, name, None) for name in names)


def test_the_product_keeps_an_httponly_cookie_from_scripts(victim: Site) -> None:
    assert read(scene(victim), "session") == browsed.reading(ON_THE_COOKIE)
    hidden = read(scene(victim), "token cookie")
    assert (hidden.looked, hidden.listened, hidden.asked, hidden.jar) == ((), (), (), ("access cookie",))


@pytest.mark.parametrize(
    ("fault", "place", "name", "because"),
    [
        ("cookie_readable", "session", storage.HTTPONLY[0], "read in document.cookie"),
        ("key_printed", "session", storage.HTTPONLY[0], "read in answers"),
        ("renewal_tells", "token cookie", storage.HTTPONLY[1], "a renewal that the browser proved by itself"),
    ],
)
def test_a_credential_that_scripts_can_read_turns_storage(
    faulty_victim: Callable[[str], Site], fault: str, place: str, name: str, because: str
) -> None:
    found = read(scene(faulty_victim(fault)), place)
    verdict = storage.Storage().judge({**browsed.read(), name: [found]})
    assert verdict.kind is Kind.REFUTED
    assert because in verdict.because


@pytest.mark.parametrize("policy", list(Policy))
def test_the_product_under_attack_is_as_the_rule_says(victim: Site, policy: Policy) -> None:
    name = injection.HTTPONLY[0]
    assert attack(scene(victim, policy.variant), "session", policy) == browsed.attacked(name, policy)


@pytest.mark.parametrize(
    ("fault", "place", "policy", "because"),
    [
        ("cookie_readable", "session", Policy.OFF, "a stranger got in with what was carried off"),
        ("renewal_tells", "token cookie", Policy.OFF, "a stranger got in with what was carried off"),
        ("csp_missing", "session", Policy.ON, "the policy did not stop the script"),
    ],
)
def test_a_hole_turns_script_injection(
    faulty_victim: Callable[[str], Site], fault: str, place: str, policy: Policy, because: str
) -> None:
    name = injection.HTTPONLY[place != "session"]
    found = attack(scene(faulty_victim(fault), policy.variant), place, policy)
    verdict = injection.Injection().judge(with_one(browsed.injected(), name, [found]))
    assert verdict.kind is Kind.REFUTED
    assert because in verdict.because


def test_the_product_as_it_is_lets_no_forged_request_through(victim: Site) -> None:
    attempts = [Attempt("product", Target.NOTE, relation) for relation in Relation]
    attempts += [Attempt("product", target, Relation.SIBLING) for target in (Target.PAGE, Target.LOGOUT)]
    found = forge(victim, "session", attempts, Transcript())
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
    found = forge(faulty_victim("cookie_dropped"), "session", attempts, Transcript())
    verdict = forgery.Forgery().judge(with_one(browsed.forged(), forgery.SESSION, found))
    assert verdict.kind is Kind.BROKEN
    assert "there was nothing to abuse" in verdict.because


def test_without_samesite_a_form_lands_and_a_fetch_does_not(victim: Site) -> None:
    wanted = [("no-layer", Shape.SIMPLE), ("samesite-unsaid", Shape.FORM), ("samesite-unsaid", Shape.SIMPLE)]
    attempts = [Attempt(variant, Target.NOTE, Relation.SITE, shape) for variant, shape in wanted]
    found = forge(victim, "session", attempts, Transcript())
    assert [one.stopped_by for one in found] == ["", "", "samesite"]


def test_a_siblings_cookie_replaces_the_login_under_a_plain_name_only(victim: Site) -> None:
    scenes = [scene(victim, variant) for variant in forgery.TOSSED]
    canned = [browsed.tossed(variant) for variant in forgery.TOSSED]
    assert toss(scenes, "session") == canned
    assert [one.after for one in toss(scenes, "token cookie")] == [one.after for one in canned]


def test_a_page_that_is_no_sibling_is_broken(victim: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = victim.world.outsider.origin("evil.test")
    monkeypatch.setattr(Outsider, "origin", lambda outsider, name: elsewhere)
    found = toss([scene(victim)], "session")
    verdict = forgery.Forgery().judge(with_one(browsed.forged(), forgery.SESSION, found))
    assert verdict.kind is Kind.BROKEN
    assert "no other cookie of the sibling's came" in verdict.because


def test_a_product_that_serves_plain_names_turns_request_forgery(
    faulty_victim: Callable[[str], Site],
) -> None:
    found = toss([scene(faulty_victim("plain_names"))], "session")
    verdict = forgery.Forgery().judge(with_one(browsed.forged(), forgery.SESSION, found))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.endswith("a sibling's cookie called sessionid made the attacker of the victim.")


@pytest.mark.parametrize("variant", storage.NAMES)
def test_a_script_throws_out_what_it_cannot_write_over(victim: Site, variant: str) -> None:
    found = evict(scene(victim, variant))
    assert found.junk > 0
    assert replace(found, junk=152) == browsed.evicted(variant)


def test_a_cookie_that_scripts_write_over_turns_storage(faulty_victim: Callable[[str], Site]) -> None:
    found = evict(scene(faulty_victim("cookie_readable")))
    assert found.overwritten is Whose.ATTACKER
    verdict = storage.Storage().judge({**browsed.read(), storage.WRITTEN_OVER: [found]})
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.startswith(f"{storage.WRITTEN_OVER}, product: a script wrote over it")


@pytest.mark.parametrize("policy", list(ThirdParty))
def test_third_party_cookies_come_and_go_with_the_profile(victim: Site, policy: ThirdParty) -> None:
    arm, everywhere = cross_domain.NONE, cross_domain.EVERYWHERE
    variants = cross_domain.VARIANT[arm], cross_domain.TO_ANYBODY[arm]
    found = cross("session", policy, [scene(victim, one) for one in variants], [everywhere, everywhere[:3]])
    tried = [(variants[0], origin) for origin in everywhere] + [(variants[1], one) for one in everywhere[:3]]
    canned = [browsed.crossing(arm, variant, policy, origin) for variant, origin in tried]
    assert [replace(one, build="1.2.3") for one in found] == canned


def test_a_header_leaves_the_browser_only_where_cors_names_the_page(victim: Site) -> None:
    arm, policy, variants = cross_domain.HEADER, ThirdParty.BLOCKED, ("cors", "product", "cors-anybody")
    found = cross(IN_MEMORY, policy, [scene(victim, one) for one in variants], [[Origin.SITE]] * 3)
    canned = [browsed.crossing(arm, variant, policy, Origin.SITE) for variant in variants]
    assert [replace(one, build="1.2.3") for one in found] == canned


@pytest.mark.parametrize(
    ("fault", "arm", "place", "origin"),
    [
        ("cors_reflects", cross_domain.NONE, "session", Origin.STRANGER),
        ("cors_without_authorization", cross_domain.HEADER, "memory", Origin.SITE),
    ],
)
def test_a_wrong_grant_turns_cross_domain(
    faulty_victim: Callable[[str], Site], fault: str, arm: str, place: str, origin: Origin
) -> None:
    variant = cross_domain.VARIANT[arm]
    found = cross(place, ThirdParty.ALLOWED, [scene(faulty_victim(fault), variant)], [[origin]])
    verdict = cross_domain.CrossDomain().judge(with_one(browsed.crossed(), arm, found))
    assert verdict.kind is Kind.REFUTED
    assert str(origin) in verdict.because


@pytest.mark.parametrize("place", ["session", "token cookie", IN_MEMORY])
def test_a_login_that_fails_is_broken(victim: Site, place: str) -> None:
    with pytest.raises(Broken, match="The login on the page was answered 401"):
        read(scene(replace(victim, password="wrong-password")), place)


def test_a_server_that_is_not_there_is_broken(victim: Site) -> None:
    nobody = replace(victim, doors=(replace(victim.doors[0], port=9),))
    with pytest.raises(Broken, match="The browser failed"):
        read(scene(nobody), "session")


def test_layers_that_are_not_in_force_are_broken(victim: Site) -> None:
    other = scene(victim, "only-token")
    other.variant = "only-origin"  # what the claim believes to have asked for
    with pytest.raises(Broken, match="was served with other layers"):
        other.act(lambda context: other.works(other.enter(context.new_page(), "session")))
