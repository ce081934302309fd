"""The injection judge on attacks made by hand: every verdict it can give, and what must not become one."""

from collections.abc import Callable
from typing import Any

import pytest

from authcompare.experiments.browsing.injecting import Attack, Policy
from authcompare.experiments.claims.injection import HTTPONLY, PLACES, STORED, Injection
from authcompare.experiments.verdict import Kind
from tests.experiments.browsed import changed, injected


def under(policy: Policy) -> Callable[[Attack], bool]:
    return lambda attack: attack.policy == policy


def test_theft_depends_on_the_place_and_riding_on_nothing() -> None:
    verdict = Injection().judge(injected())
    assert verdict.kind is Kind.DEPENDS
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C45": Kind.DEPENDS,
        "C46": Kind.HOLDS,
    }
    assert [one.text for one in verdict.figures] == [
        f"{2 * len(STORED)} of {2 * len(STORED)}",
        "0 of 4",
        f"{2 * len(PLACES)} of {2 * len(PLACES)}",
        f"{len(PLACES)} of {len(PLACES)}",
        f"{len(PLACES)} of {len(PLACES)}",
        f"{len(PLACES)} of {len(PLACES)}",
    ]
    assert verdict.figures[-1].note == "by navigation"
    assert (
        "HttpOnly: 0 of 2 stolen, as of tokens in such a cookie (0 of 2)" in verdict.decisions["C45"].because
    )
    assert verdict.decisions["C46"].because.startswith("4 of 4 tokens in localStorage or sessionStorage")
    assert verdict.doubts == ()


def test_a_run_that_tried_less_says_so() -> None:
    samples, every = injected(), len(PLACES)
    samples[STORED[1]] = [one for one in samples[STORED[1]] if one.policy == Policy.OFF]
    assert Injection().judge(samples).doubts == (
        f"This run tried {every - 1} of {every} places under a policy, and {every} without.",
    )


def test_a_quick_run_decides_the_same_and_says_how_little_it_tried() -> None:
    verdict, in_full = Injection().judge(injected(quick=True)), Injection().judge(injected())
    assert verdict.kind is in_full.kind
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        name: one.kind for name, one in in_full.decisions.items()
    }
    texts = [one.text for one in verdict.figures]
    assert texts == ["3 of 3", "0 of 2", "5 of 5", "1 of 1", "1 of 1", "1 of 1"]
    assert verdict.doubts == ("This run tried 1 of 5 places under a policy, and 4 without.",)


@pytest.mark.parametrize("place", HTTPONLY)
@pytest.mark.parametrize("policy", [Policy.OFF, Policy.ON_HOSTED])
def test_a_credential_stolen_from_an_httponly_cookie_refutes(place: str, policy: Policy) -> None:
    verdict = Injection().judge(changed(injected(), place, under(policy), stolen=("session",)))
    assert (verdict.kind, verdict.decisions) == (Kind.REFUTED, {})
    assert verdict.because.startswith(f"{place}, policy {policy}: a stranger got in")


def test_a_policy_that_stops_nothing_refutes() -> None:
    ran = {"ran": True, "stopped": False, "ridden": True}
    verdict = Injection().judge(changed(injected(), HTTPONLY[0], under(Policy.ON), **ran))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.endswith("the policy did not stop the script.")


@pytest.mark.parametrize(("route", "words"), [("fetch", "fetch"), ("", "no way")])
def test_a_hosted_script_whose_loot_leaves_otherwise_refutes(route: str, words: str) -> None:
    verdict = Injection().judge(changed(injected(), STORED[0], under(Policy.ON_HOSTED), route=route))
    assert verdict.kind is Kind.REFUTED
    assert verdict.because.endswith(f"a script that the site itself hosts got its loot out by {words}.")


@pytest.mark.parametrize(
    ("place", "policy", "change", "because"),
    [
        (HTTPONLY[0], Policy.OFF, {"accepted": False}, "nothing was there to be stolen"),
        (HTTPONLY[0], Policy.OFF, {"beacon": False}, "its silence proves nothing"),
        (HTTPONLY[0], Policy.OFF, {"ran": False, "ridden": False}, "did not run"),
        (HTTPONLY[0], Policy.OFF, {"ran": False, "stopped": True}, "the script did not run"),
        (HTTPONLY[0], Policy.ON, {"stopped": False}, "no policy said that it had stopped it"),
        (HTTPONLY[1], Policy.OFF, {"ridden": False}, "nothing was stored"),
        (HTTPONLY[0], Policy.OFF, {"finished": False}, "had not finished"),
        (STORED[0], Policy.OFF, {"stolen": ()}, "positive control"),
    ],
)
def test_an_attack_that_proves_nothing_is_broken(
    place: str, policy: Policy, change: dict[str, Any], because: str
) -> None:
    verdict = Injection().judge(changed(injected(), place, under(policy), **change))
    assert verdict.kind is Kind.BROKEN
    assert verdict.because.startswith(f"{place}, policy {policy}: ")
    assert because in verdict.because


def test_a_place_or_a_policy_that_was_not_tried_is_broken() -> None:
    assert Injection().judge({}).kind is Kind.BROKEN
    without = {
        name: [one for one in several if one.policy != Policy.ON] for name, several in injected().items()
    }
    assert Injection().judge(without).because == "Not every policy was tried."
