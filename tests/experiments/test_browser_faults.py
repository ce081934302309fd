"""Planted faults and look-alikes in a real browser: each has to show, and the product itself must not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.browsing.chromium import ThirdParty
from authcompare.experiments.browsing.crossing import Origin, cross
from authcompare.experiments.browsing.injecting import Policy, attack
from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.reading import read
from authcompare.experiments.browsing.replacing import Whose, evict
from authcompare.experiments.claims import cross_domain, injection, storage
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.verdict import Kind
from tests.experiments import browsed
from tests.experiments.browsed import scene, with_one

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("chromium")]
ON_THE_COOKIE, IN_MEMORY = storage.HTTPONLY[0], Place.MEMORY


def test_the_product_keeps_an_httponly_cookie_from_scripts(victim: Site) -> None:
    assert read(scene(victim), Place.SESSION) == browsed.reading(ON_THE_COOKIE)
    hidden = read(scene(victim), Place.TOKEN_COOKIE)
    assert (hidden.looked, hidden.listened, hidden.answered, hidden.asked) == ((), (), (), ())
    assert hidden.jar == ("access cookie",)


@pytest.mark.parametrize(
    ("fault", "place", "name", "because"),
    [
        ("cookie_readable", Place.SESSION, storage.HTTPONLY[0], "read in document.cookie"),
        ("key_printed", Place.SESSION, storage.HTTPONLY[0], "read in answers"),
        (
            "renewal_tells",
            Place.TOKEN_COOKIE,
            storage.HTTPONLY[1],
            "a renewal that the browser proved by itself",
        ),
    ],
)
def test_a_credential_that_scripts_can_read_turns_storage(
    faulty_victim: Callable[[str], Site], fault: str, place: Place, name: str, because: str
) -> None:
    found = read(scene(faulty_victim(fault)), place)
    verdict = storage.Storage().judge({**browsed.read(), name: [found]})
    assert verdict.kind is Kind.REFUTED
    assert because in verdict.because


def test_what_a_renewal_tells_a_page_is_heard(faulty_victim: Callable[[str], Site]) -> None:
    found = replace(read(scene(faulty_victim("renewal_tells")), Place.TOKEN_COOKIE), asked=())
    verdict = storage.Storage().judge({**browsed.read(), storage.HTTPONLY[1]: [found]})
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.endswith("overheard in the answer to its next renewal.")


def test_a_page_that_has_kept_its_own_fetch_is_heard_when_its_token_is_renewed(victim: Site) -> None:
    found = read(scene(victim), Place.MEMORY_EARLY)
    assert (found.looked, found.listened, found.answered) == ((), (), ("access token",))


@pytest.mark.parametrize("policy", list(Policy))
def test_the_product_under_attack_is_as_the_rule_says(victim: Site, policy: Policy) -> None:
    name = injection.HTTPONLY[0]
    assert attack(scene(victim, policy.variant), Place.SESSION, policy) == browsed.attacked(name, policy)


@pytest.mark.parametrize(
    ("fault", "place", "policy", "because"),
    [
        ("cookie_readable", Place.SESSION, Policy.OFF, "a stranger got in with what was carried off"),
        ("renewal_tells", Place.TOKEN_COOKIE, Policy.OFF, "a stranger got in with what was carried off"),
        ("csp_missing", Place.SESSION, Policy.ON, "the policy did not stop the script"),
    ],
)
def test_a_hole_turns_script_injection(
    faulty_victim: Callable[[str], Site], fault: str, place: Place, policy: Policy, because: str
) -> None:
    name = injection.HTTPONLY[place != Place.SESSION]
    found = attack(scene(faulty_victim(fault), policy.variant), place, policy)
    verdict = injection.Injection().judge(with_one(browsed.injected(), name, [found]))
    assert verdict.kind is Kind.REFUTED
    assert because in verdict.because


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
    found = cross(
        Place.SESSION, policy, [scene(victim, one) for one in variants], [everywhere, everywhere[:3]]
    )
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
        ("cors_reflects", cross_domain.NONE, Place.SESSION, Origin.STRANGER),
        ("cors_without_authorization", cross_domain.HEADER, Place.MEMORY, Origin.SITE),
    ],
)
def test_a_wrong_grant_turns_cross_domain(
    faulty_victim: Callable[[str], Site], fault: str, arm: str, place: Place, origin: Origin
) -> None:
    variant = cross_domain.VARIANT[arm]
    found = cross(place, ThirdParty.ALLOWED, [scene(faulty_victim(fault), variant)], [[origin]])
    verdict = cross_domain.CrossDomain().judge(with_one(browsed.crossed(), arm, found))
    assert verdict.kind is Kind.REFUTED
    assert str(origin) in verdict.because


@pytest.mark.parametrize("place", [Place.SESSION, Place.TOKEN_COOKIE, IN_MEMORY])
def test_a_login_that_fails_is_broken(victim: Site, place: Place) -> None:
    with pytest.raises(Broken, match="The login on the page was answered 401"):
        read(scene(replace(victim, password="wrong-password")), place)


def test_a_server_that_is_not_there_is_broken(victim: Site) -> None:
    nobody = replace(victim, doors=(replace(victim.doors[0], port=9),))
    with pytest.raises(Broken, match="The browser failed"):
        read(scene(nobody), Place.SESSION)


def test_layers_that_are_not_in_force_are_broken(victim: Site) -> None:
    other = scene(victim, "only-token")
    other.variant = "only-origin"  # what the claim believes to have asked for
    with pytest.raises(Broken, match="was served with other layers"):
        other.act(lambda context: other.works(other.enter(context.new_page(), Place.SESSION)))
