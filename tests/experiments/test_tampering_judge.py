"""From trials to a verdict."""

from dataclasses import replace

import pytest

from authcompare.experiments.claims.tampering import ENDED, FORGED, GOOD, SIGNED, Tampering, Trial
from authcompare.experiments.verdict import Kind
from tests.experiments.canned import A, B, R

NONE, CHECKED = "tokens, none, ES256", "tokens, database, EdDSA"
GOOD_TRIAL = Trial(GOOD, "nothing wrong", A, A, A, "200")
FORGED_TRIAL = Trial(FORGED, "alg none", A, R, A, "401 invalid_token")
SIGNED_TRIAL = Trial(SIGNED, "another audience", A, R, A, "401 invalid_token")
WAITING = Trial(ENDED, "of a login that has ended", A, A, A, "200", waits=True)
NOT_WAITING = Trial(ENDED, "of a login that has ended", A, R, A, "401 invalid_token")
REFUSED = {NONE: [GOOD_TRIAL, FORGED_TRIAL, SIGNED_TRIAL, WAITING], CHECKED: [FORGED_TRIAL, NOT_WAITING]}


def test_it_holds_where_everything_wrong_was_refused() -> None:
    verdict = Tampering().judge(REFUSED)
    assert verdict.kind is Kind.HOLDS
    assert verdict.because.startswith("4 of 4 wrong credentials refused in 2 arms")
    assert [figure.text for figure in verdict.figures] == ["2 of 2", "1 of 1", "1 of 1"]


def test_a_signature_alone_is_judged_apart() -> None:
    decisions = Tampering().judge(REFUSED).decisions
    assert (decisions["C22"].kind, decisions["C23"].kind) == (Kind.HOLDS, Kind.DEPENDS)
    assert NONE in decisions["C23"].because


@pytest.mark.parametrize("trial", [FORGED_TRIAL, SIGNED_TRIAL, NOT_WAITING])
def test_one_wrong_credential_let_in_refutes(trial: Trial) -> None:
    verdict = Tampering().judge({NONE: [GOOD_TRIAL, replace(trial, outcome=A)]})
    assert verdict.kind is Kind.REFUTED
    assert f"{NONE}: {trial.name}" in verdict.because


@pytest.mark.parametrize(
    "said", ["500", "404 not_found", "429 locked", "no answer (timed out)", "400 invalid_request"]
)
def test_anything_but_the_exact_refusal_is_broken(said: str) -> None:
    verdict = Tampering().judge({NONE: [replace(FORGED_TRIAL, outcome=B, said=said)]})
    assert (verdict.kind, said in verdict.because) == (Kind.BROKEN, True)


@pytest.mark.parametrize("control", [{"before": R}, {"after": R}, {"after": B}])
def test_a_refusal_without_controls_is_broken(control: dict[str, object]) -> None:
    assert Tampering().judge({NONE: [replace(FORGED_TRIAL, **control)]}).kind is Kind.BROKEN  # type: ignore[arg-type]


def test_a_lab_that_cannot_sign_proves_nothing() -> None:
    verdict = Tampering().judge({NONE: [replace(GOOD_TRIAL, outcome=R), SIGNED_TRIAL]})
    assert (verdict.kind, "prove nothing" in verdict.because) == (Kind.BROKEN, True)


def test_what_was_not_visited_is_broken() -> None:
    assert Tampering().judge({}).kind is Kind.BROKEN
    assert Tampering().judge({NONE: []}).kind is Kind.BROKEN


def test_without_the_key_the_verdict_says_what_was_left_out() -> None:
    assert "really signed" in Tampering().judge({NONE: [FORGED_TRIAL]}).doubts[0]
